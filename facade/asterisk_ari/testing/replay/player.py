"""Replays a session: answers requests as recorded, and sends the events in between. No sockets here."""

from collections.abc import Callable, Mapping
from typing import Any

from asterisk_ari._core.ladder.recording import RecordedEntry
from asterisk_ari.testing.operations.reply import PendingReply, Reply, error_reply
from asterisk_ari.testing.replay.identities import Identities, made_up_ids
from asterisk_ari.testing.replay.matching import AskedRequest, RequestMatch, asked
from asterisk_ari.testing.replay.report import ReplayReport
from asterisk_ari.testing.replay.session import Session, kept_request
from asterisk_ari.testing.request import Request

Send = Callable[[dict[str, Any]], None]
NOT_RECORDED = 501
SAME_MOMENT_SECONDS = 1e-6


class RecordedStep:
    """One entry of the session, and whether its request was made."""

    __slots__ = ("asks", "chosen", "entry", "is_made")

    def __init__(self, entry: RecordedEntry, chosen: frozenset[str]) -> None:
        self.entry: RecordedEntry = entry
        self.chosen: frozenset[str] = chosen
        self.asks: AskedRequest | None = asked(entry.request) if entry.request is not None else None
        self.is_made: bool = False


class SessionPlayer:
    """The replay of one session.

    An event is sent once all requests before it were made; if lenient, also once a later one was. With `paced`, no sooner after
    its predecessor than recorded.
    """

    def __init__(self, session: Session, *, lenient: bool, paced: bool) -> None:
        chosen = made_up_ids(session.entries)
        self.is_lenient: bool = lenient
        self._paced = paced
        self._steps = [RecordedStep(*one) for one in zip(session.entries, chosen, strict=True)]
        self._position, self._reached = 0, -1
        self._passed_at: float | None = None
        self._waits_at = -1
        self._ids: Identities = Identities()
        self._unexpected: list[str] = []
        self._changed: list[str] = []
        self._early: list[str] = []

    @property
    def is_over(self) -> bool:
        """Whether all events were sent and all requests made."""
        return self._position == len(self._steps) and all(step.is_made for step in self._steps if step.asks is not None)

    @property
    def report(self) -> ReplayReport:
        """Return the differences so far; what has not happened yet counts as missing."""
        left = self._steps[self._position :]
        return ReplayReport(
            requests=sum(step.is_made for step in self._steps),
            events=sum(step.asks is None for step in self._steps[: self._position]),
            unexpected=tuple(self._unexpected),
            changed=tuple(self._changed),
            missing=tuple(str(self._now(step.asks)) for step in self._steps if step.asks is not None and not step.is_made),
            unsent=tuple(str(step.entry.event["type"]) for step in left if step.entry.event is not None),
            early=tuple(self._early),
        )

    def _now(self, asks: AskedRequest) -> AskedRequest:
        """Return a recorded request with the current ids."""
        translated = self._ids.translated
        return AskedRequest(asks.method, translated(asks.path), translated(asks.parameters))

    # ------------------------------------------------------------------ requests

    def respond(self, request: Request, otherwise: Callable[[], Reply | PendingReply]) -> Reply | PendingReply:
        """Return the recorded response; if the request was not recorded, an error, or if lenient the response of `otherwise`."""
        now = asked(kept_request(request))
        matches = [
            (number, RequestMatch(step.asks, now, step.chosen, self._ids))
            for number, step in enumerate(self._steps)
            if step.asks is not None and not step.is_made
        ]
        same = next((one for one in matches if one[1].is_same), None)
        if same is not None:
            return self._answer(*same, now)
        near = next((one for one in matches if one[1].has_same_path), None)
        if near is not None and self.is_lenient:
            self._changed.append(f"{now.method} {now.path}: {'; '.join(near[1].differing)}")
            return self._answer(*near, now)
        why = f"{now} (differs: {'; '.join(near[1].differing)})" if near is not None else str(now)
        self._unexpected.append(why)
        return otherwise() if self.is_lenient else error_reply(NOT_RECORDED, f"the session does not have this request: {why}")

    def _answer(self, number: int, match: RequestMatch, now: AskedRequest) -> Reply:
        step = self._steps[number]
        between = self._steps[self._position : number]
        if any(one.asks is not None and not one.is_made for one in between) and any(one.asks is None for one in between):
            self._early.append(str(now))
        step.is_made = True
        self._reached = max(self._reached, number)
        self._ids.bind(match.ids)
        answer, status = step.entry.answer, step.entry.status or 200
        if isinstance(answer, bytes):
            return Reply(status, answer, {"Content-Type": "application/octet-stream"})
        return Reply(status, self._ids.translated(answer))

    # ------------------------------------------------------------------ events

    def send_events(self, apps: Mapping[str, Send], now: float) -> float | None:
        """Send due events to the connected apps; return the seconds until the next call, if one is needed."""
        while self._position < len(self._steps):
            step = self._steps[self._position]
            if step.entry.event is None:
                if not step.is_made and not (self.is_lenient and self._position < self._reached):
                    return None
            elif not (send := self._receiver(step.entry.event, apps)):
                return None
            elif (wait := self._seconds_until_due(now)) > SAME_MOMENT_SECONDS:
                is_new, self._waits_at = self._waits_at != self._position, self._position
                return wait if is_new else None
            else:
                send(self._ids.translated(dict(step.entry.event)))
            self._position += 1
            self._passed_at = now
        return None

    def _seconds_until_due(self, now: float) -> float:
        if not self._paced or self._passed_at is None or self._position == 0:
            return 0.0
        recorded = self._steps[self._position].entry.at - self._steps[self._position - 1].entry.at
        return self._passed_at + recorded.total_seconds() - now

    def _receiver(self, event: Mapping[str, Any], apps: Mapping[str, Send]) -> Send | None:
        """Return the app that it was sent to; if lenient and that is not connected, another one, under its own name."""
        name = event.get("application")
        if isinstance(name, str) and name in apps:
            return apps[name]
        if not apps or (not self.is_lenient and isinstance(name, str)):
            return None
        other, send = next(iter(apps.items()))
        return lambda sent: send({**sent, "application": other})
