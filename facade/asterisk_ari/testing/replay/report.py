"""The differences found when a session was replayed."""

from dataclasses import dataclass


class ReplayDiffers(AssertionError):
    """A program behaved differently than in its recorded session; the message names each difference."""


@dataclass(frozen=True)
class ReplayReport:
    """The differences between a recorded session and a program's behaviour now; as text, one per line.

    `unexpected` are requests that were not recorded, `changed` those with other parameters than recorded, `missing` recorded
    ones that were not made, `unsent` the types of events that were not sent because something before them was missing. `early`
    are requests made before others that were recorded before them, with events in between: that alone is not an error.
    """

    requests: int
    events: int
    unexpected: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    unsent: tuple[str, ...] = ()
    early: tuple[str, ...] = ()

    @property
    def is_same(self) -> bool:
        """Whether the program behaved as recorded."""
        return not (self.unexpected or self.changed or self.missing or self.unsent)

    def __str__(self) -> str:
        lines = [f"{self.requests} requests and {self.events} events as recorded"]
        lines += [f"unexpected request: {one}" for one in self.unexpected]
        lines += [f"changed request: {one}" for one in self.changed]
        lines += [f"missing request: {one}" for one in self.missing]
        lines += [f"earlier than recorded: {one}" for one in self.early]
        if self.unsent:
            lines.append(f"not sent: {len(self.unsent)} events from {self.unsent[0]} on")
        return "\n".join(lines)
