"""Known bugs of Asterisk releases: which releases, what happens, and the remedy. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from asterisk_ari.cli.doctor.finding import Level

Numbers = tuple[int, int, int]

_VERSION = re.compile(r"(\d+)\.(\d+)\.(\d+)")
_CANDIDATE = re.compile(r"(\d+\.\d+\.\d+-rc\d+)")
END: Numbers = (999, 0, 0)


@dataclass(frozen=True)
class KnownBug:
    """A bug of some releases: in each branch from the first affected one up to, but excluding, the one with the fix.

    `module` is the module that has the bug: servers without it are not affected.
    """

    issue: str
    effect: str
    remedy: str
    level: Level
    ranges: Mapping[int, tuple[str, str | None]] = field(default_factory=dict)
    builds: frozenset[str] = frozenset()
    module: str = ""

    def affects(self, version: str, modules: Mapping[str, str] | None) -> bool:
        """Whether a server of this version has the bug, with these modules loaded (None: unknown)."""
        if self.module and modules is not None and self.module not in modules:
            return False
        if candidate := _CANDIDATE.match(version):
            return candidate[1] in self.builds
        if not (match := _VERSION.match(version)):
            return False
        number = _numbers(match[0])
        if (entry := self.ranges.get(number[0])) is None:
            return False
        first, fixed = entry
        return _numbers(first) <= number < (_numbers(fixed) if fixed else END)


def _numbers(version: str) -> Numbers:
    parts = [int(part) for part in version.split(".")]
    return (parts[0], parts[1] if len(parts) > 1 else 0, parts[2] if len(parts) > 2 else 0)


BUGS = (
    KnownBug(
        "asterisk#2085",
        "any WebSocket pong from a client crashes Asterisk",
        "install a final release; until then allow no client that sends unsolicited pongs (this SDK never does)",
        Level.FAULT,
        builds=frozenset({"20.21.0-rc1", "22.11.0-rc1", "23.5.0-rc1"}),
    ),
    KnownBug(
        "asterisk#2078",
        "when an AudioSocket channel hangs up, requests to /channels stall",
        "install 20.20 or newer, or use external media over WebSocket or RTP",
        Level.WARNING,
        {20: ("20.18", "20.20")},
        module="chan_audiosocket.so",
    ),
    KnownBug(
        "asterisk#1645",
        "chan_websocket channels may never be destroyed",
        "install 22.7 or newer",
        Level.WARNING,
        {22: ("22.6", "22.7")},
        module="chan_websocket.so",
    ),
    KnownBug(
        "asterisk#1979",
        "outbound WebSockets (ARI and media) have no time limit for the handshake: a peer that accepts the connection but"
        " does not answer stalls the server",
        "install 22.11 or newer, or connect only to programs that answer at once",
        Level.NOTE,
        {22: ("22.5", "22.11")},
        module="res_websocket_client.so",
    ),
    KnownBug(
        "asterisk#2021",
        "a REFER with Refer-Sub: false crashes Asterisk when the app handles transfers",
        "install 22.11 or newer, or do not set PJSIP_TRANSFER_HANDLING",
        Level.NOTE,
        {22: ("22.3", "22.11")},
        module="chan_pjsip.so",
    ),
    KnownBug(
        "asterisk#2170",
        "ARI can hang when an event WebSocket that is subscribed to all device states closes",
        "programs on this SDK are safe, because it unsubscribes first; others should not use subscribeAll",
        Level.NOTE,
        {20: ("20.14", None), 21: ("21.9", None), 22: ("22.4", None), 23: ("23.0", None)},
    ),
)


def bugs_of(version: str, modules: Mapping[str, str] | None) -> list[KnownBug]:
    """The known bugs of a server of this version."""
    return [bug for bug in BUGS if bug.affects(version, modules)]
