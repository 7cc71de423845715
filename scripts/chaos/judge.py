"""What became of each call, out of what the servers told and when workers were killed. Pure; it knows nothing of the package.

A worker writes what it does into a variable of the call, `CHAOS`: `<incarnation> <step>`. The incarnation is one life of one
worker process; of an adopted call `<incarnation> adopted` comes first, with which an epoch of the call begins: a worker that
has lost its lease may take over what it had itself. So each step is an event of the server's that all apps are told of; that a
call enters an app is told to that app alone.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

VARIABLE = "CHAOS"
ADOPTED = "adopted"
LAST = "done"
STEPS = ("one", "two", "three", "four", LAST)
"""What a call's flow does, in this order, whoever does it."""


@dataclass
class History:
    """What happened to one call."""

    steps: list[tuple[float, str, str]] = field(default_factory=list)
    """When which incarnation did which step."""
    destroyed: float | None = None

    @property
    def epochs(self) -> list[tuple[tuple[str, int], str]]:
        """Each step by who did it, in which epoch of the call."""
        found, epoch = [], 0
        for _, incarnation, step in self.steps:
            epoch += step == ADOPTED
            found.append(((incarnation, epoch), step))
        return found

    @property
    def last_step(self) -> str:
        """The last step of its flow that was done; "adopted" where there was none."""
        return next((step for _, _, step in reversed(self.steps) if step != ADOPTED), ADOPTED)


@dataclass(frozen=True)
class Kill:
    """The end of one life of a worker."""

    at: float
    incarnation: str


@dataclass(frozen=True)
class CallsVerdict:
    """What was found."""

    calls: int
    finished: int
    """Ended by their flow."""
    adopted: int
    adoption_seconds: tuple[float, ...]
    """From the death of its worker until each call was in another one's hands, in order."""
    kills: int
    faults: tuple[str, ...]
    """What must not be."""
    not_claimed: int
    """For which nothing was done: nobody has claimed them, or who has died before its first step."""


def histories(events: Iterable[tuple[float, Mapping[str, Any]]], caller_names: str) -> dict[str, History]:
    """What happened to each call; a call is a channel whose name begins so."""
    found: dict[str, History] = {}
    for at, event in events:
        channel = event.get("channel") or {}
        if not str(channel.get("name", "")).startswith(caller_names) or not channel["name"].endswith(";2"):
            continue
        history = found.setdefault(channel["id"], History())
        kind = event["type"]
        if kind == "ChannelVarset" and event["variable"] == VARIABLE:
            incarnation, _, step = event["value"].partition(" ")
            history.steps.append((at, incarnation, step))
        elif kind == "ChannelDestroyed":
            history.destroyed = at
    return found


def judge(found: Mapping[str, History], kills: Sequence[Kill], *, most_adoption_seconds: float) -> CallsVerdict:
    """All calls beside all deaths."""
    faults: list[str] = []
    seconds: list[float] = []
    finished = adopted = not_claimed = 0
    for call, history in found.items():
        if not history.steps:
            not_claimed += 1
            faults.append(f"{call}: nothing was done for it")
            continue
        faults += _order_faults(call, history)
        finished += history.last_step == LAST
        for kill in kills:
            if not _was_with(history, kill):
                continue
            taken = next((at for at, incarnation, step in history.steps if step == ADOPTED and at > kill.at), None)
            ended = history.destroyed if history.destroyed is not None else float("inf")
            if taken is not None:
                adopted += 1
                seconds.append(taken - kill.at)
                if taken - kill.at > most_adoption_seconds:
                    faults.append(f"{call}: adopted {taken - kill.at:.2f} s after the death of {kill.incarnation}")
            elif ended - kill.at > most_adoption_seconds:
                faults.append(f"{call}: nobody took it over from {kill.incarnation}, {_end(history, kill)}")
            else:
                faults.append(f"{call}: ended {ended - kill.at:.2f} s after the death of {kill.incarnation}, not by its flow")
        if history.last_step != LAST and not any(_was_with(history, kill) for kill in kills):
            faults.append(f"{call}: ended after {history.steps[-1][2]!r} by {history.steps[-1][1]}, which was alive")
    return CallsVerdict(len(found), finished, adopted, tuple(sorted(seconds)), len(kills), tuple(faults), not_claimed)


def _end(history: History, kill: Kill) -> str:
    return "it is still there" if history.destroyed is None else f"it ended after {history.destroyed - kill.at:.1f} s"


def _was_with(history: History, kill: Kill) -> bool:
    """Whether the call was in the hands of who died, and not done."""
    before = [(incarnation, step) for at, incarnation, step in history.steps if at <= kill.at]
    is_there = history.destroyed is None or history.destroyed > kill.at
    return is_there and bool(before) and before[-1][0] == kill.incarnation and before[-1][1] != LAST


def _order_faults(call: str, history: History) -> list[str]:
    """Twice in one epoch, or in another order than the flow's."""
    faults = [
        f"{call}: {incarnation} did {step!r} {count} times"
        for ((incarnation, _), step), count in Counter(history.epochs).items()
        if count > 1
    ]
    known = {step: number for number, step in enumerate(STEPS)}
    done = -1
    by = None
    for doer, step in history.epochs:
        incarnation = doer[0]
        if step == ADOPTED:
            by = doer
            continue
        if step not in known:
            faults.append(f"{call}: {incarnation} did {step!r}, which nobody knows")
            continue
        by = by or doer
        if doer != by:
            faults.append(f"{call}: {incarnation} did {step!r} while the call was {by[0]}'s")
        # Who has taken it over may repeat the step that the one before had begun.
        if not done <= known[step] <= done + 1 or (known[step] == done and not _is_first_of(history, doer, step)):
            faults.append(f"{call}: {step!r} came after {STEPS[done] if done >= 0 else 'nothing'!r}")
        done = max(done, known[step])
    return faults


def _is_first_of(history: History, doer: tuple[str, int], step: str) -> bool:
    """Whether a step is the first one that an incarnation did in an epoch."""
    return next((one for by, one in history.epochs if by == doer and one != ADOPTED), None) == step
