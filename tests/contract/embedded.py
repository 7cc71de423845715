"""The embedded Asterisk for the scenarios: an address, and time that passes on demand."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from asterisk_ari.testing import EmbeddedAsterisk, ServerEndpoint
from asterisk_ari.testing.machine.state.dialplan import DEFAULT
from asterisk_ari.testing.phone import Phone
from tests.contract.phones import PhoneCall

LIVE_DIALPLAN = Path(__file__).resolve().parents[2] / "scripts/live-asterisk/etc/common/extensions.conf"


def _live(*contexts: str) -> str:
    """Contexts of the dialplan that the packaged servers have and an embedded one does not."""
    text = LIVE_DIALPLAN.read_text()
    found = [text[(begin := text.index(f"[{context}]")) : text.find("\n[", begin)] for context in contexts]
    return "\n".join(found)


class EmbeddedPhoneCall:
    """A call of an embedded phone."""

    def __init__(self, phone: Phone) -> None:
        self.phone = phone
        self._notified_before = 0

    def answer(self) -> None:
        self.phone.answer()

    def ring(self) -> None:
        self.phone.ring()

    def progress(self) -> None:
        self.phone.progress()

    def refuse(self, status: int, cause: int) -> None:
        self.phone.refuse(cause, sip_status=status)

    def hang_up(self, cause: int | None = None) -> None:
        self.phone.hang_up(cause)

    def cancel(self) -> None:
        self.phone.hang_up()

    def hold(self) -> None:
        self.phone.hold()

    def unhold(self) -> None:
        self.phone.unhold()

    def refer(self, user: str) -> None:
        self._notified_before = len(self.phone.notified)
        self.phone.refer(user)

    def refer_to_call_of(self, other: PhoneCall) -> None:
        assert isinstance(other, EmbeddedPhoneCall)
        self.phone.refer("", replacing=other.phone)

    @property
    def notified(self) -> list[int]:
        return self.phone.notified[self._notified_before :]


class EmbeddedPhones:
    """Phones of an embedded server."""

    def __init__(self, asterisk: EmbeddedAsterisk) -> None:
        self._asterisk = asterisk

    def call(self, user: str, caller: str, headers: Mapping[str, str] | None = None) -> PhoneCall:
        shown = f'"{caller}" <{caller}>'
        return EmbeddedPhoneCall(self._asterisk.incoming_call(caller=shown, called=user, context="from-ua", headers=headers))

    def called(self, user: str, channel: str) -> PhoneCall:
        return EmbeddedPhoneCall(self._asterisk.phone_of(channel))


class Embedded:
    """An embedded server of one release with virtual time; users and dialplan are those of the packaged servers by default."""

    def __init__(self, release: str) -> None:
        self.release = release
        self.passed_seconds = 0.0
        # No entry delay: on the real servers a channel enters its app before the next request of a scenario comes.
        dialplan = f"{DEFAULT}\n{_live('from-ua', 'dial', 'flow')}\n"
        self._asterisk = EmbeddedAsterisk(release, dialplan=dialplan, virtual_time=True, entry_delay_seconds=0)
        self.phones = EmbeddedPhones(self._asterisk)

    def __enter__(self) -> Self:
        self._asterisk.start()
        self._asterisk.set_endpoint(ServerEndpoint("uas", "silent"))  # its phones do what a scenario says
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._asterisk.stop()

    @property
    def url(self) -> str:
        return self._asterisk.url

    def pass_time(self, seconds: float) -> None:
        self.passed_seconds += seconds
        self._asterisk.advance(seconds, quiet=0)
