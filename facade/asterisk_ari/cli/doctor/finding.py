"""The result of a check: its level, why it matters, and the remedy. Pure."""

from dataclasses import asdict, dataclass
from enum import IntEnum
from typing import Any


class Level(IntEnum):
    """How serious a finding is; the most serious one decides the exit status."""

    OK = 0
    NOTE = 1
    WARNING = 2
    FAULT = 3


@dataclass(frozen=True)
class Remedy:
    """What to do: lines for one of Asterisk's files, a command to run afterwards, advice."""

    file: str = ""
    lines: tuple[str, ...] = ()
    then: str = ""
    advice: str = ""


@dataclass(frozen=True)
class Finding:
    """One result of a check."""

    check: str
    level: Level
    what: str
    why: str = ""
    remedy: Remedy | None = None

    def to_json(self) -> dict[str, Any]:
        """The finding for `--json`: the level as a word, without empty entries."""
        remedy = {key: value for key, value in asdict(self.remedy).items() if value} if self.remedy else None
        entries = {"check": self.check, "level": self.level.name.lower(), "what": self.what, "why": self.why, "remedy": remedy}
        return {key: value for key, value in entries.items() if value}


def exit_status(findings: list[Finding]) -> int:
    """0 when nothing is wrong, 1 with warnings, 2 with a fault."""
    worst = max((finding.level for finding in findings), default=Level.OK)
    return {Level.WARNING: 1, Level.FAULT: 2}.get(worst, 0)


RELOAD_HTTP = 'asterisk -rx "module reload http"'
RELOAD_ARI = 'asterisk -rx "module reload res_ari.so"'
RELOAD_PJSIP = 'asterisk -rx "module reload res_pjsip.so"'
