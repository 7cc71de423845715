"""New calls of a node: each is offered to the workers of its app until one takes it."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

from nats.errors import Error as NatsError

from asterisk_ari._core.reconnect.snapshot import synthetic_json
from asterisk_ari.cluster._core.messages import encode_json
from asterisk_ari.cluster._core.owners import EventAddress, Owners
from asterisk_ari.cluster._core.subjects import ALL_WORKERS, STREAM, of_node, offers
from asterisk_ari.cluster.errors import NatsUnavailable
from asterisk_ari.cluster.nats_link import AnswerLost, NatsLink, NoResponders

_log = logging.getLogger("asterisk_ari.cluster")

OFFER_SECONDS = 2.0
PAUSE_SECONDS = 0.1

Publish = Callable[[str, str, str, bytes], None]
"""Publishes a frame: app, object, worker, frame."""


class NewCalls:
    """Holds back the events of a call until a worker has taken it, then publishes them in order.

    A worker's answer is only a promise: the call is assigned by what is published for it. So an answer that is lost or late never
    leads to a call being handled twice.
    """

    def __init__(self, node: str, link: NatsLink, owners: Owners, publish: Publish) -> None:
        self._node = node
        self._link = link
        self._owners = owners
        self._publish = publish
        self._held: dict[str, list[tuple[EventAddress, bytes]]] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def hold(self, address: EventAddress, objects: list[str], frame: bytes) -> bool:
        """Hold back an event of a call that no worker has yet; False if it is not one."""
        if not self._held:
            return False
        for subject in objects:
            if (held := self._held.get(subject)) is not None:
                held.append((address, frame))
                return True
        return False

    def begin(self, address: EventAddress, frame: bytes) -> None:
        """Offer a new call."""
        subject = address.objects()[0]
        self._held[subject] = [(address, frame)]
        self._tasks[subject] = asyncio.create_task(self._find(subject, address.application, frame), name="ari-gateway-offer")

    async def _find(self, subject: str, app: str, frame: bytes) -> None:
        said = False
        worker = ALL_WORKERS
        try:
            while not self._is_over(subject):
                found, why = await self._offer(app, frame)
                if found is not None:
                    worker = found
                    self._owners.own(subject, worker)
                    break
                if not said:
                    _log.warning("call %s of app %s waits for a worker: %s", subject.removeprefix("channel:"), app, why)
                    said = True
                await asyncio.sleep(PAUSE_SECONDS)
        finally:
            self._release(subject, worker)
            del self._tasks[subject]

    def _is_over(self, subject: str) -> bool:
        """Whether the caller has hung up."""
        return any(held.type in ("StasisEnd", "ChannelDestroyed") for held, _ in self._held[subject])

    async def _offer(self, app: str, frame: bytes) -> tuple[str | None, str]:
        try:
            worker = (await self._link.request(offers(app), frame, OFFER_SECONDS)).decode()
        except NoResponders:
            return None, "no worker takes calls of this app"
        except (AnswerLost, TimeoutError):
            return None, "no worker answers"
        except NatsUnavailable as error:
            return None, str(error)
        return (worker, "") if worker else (None, "all workers are busy")

    def _release(self, subject: str, worker: str) -> None:
        """Publish the events that were held back."""
        for address, frame in self._held.pop(subject):
            delivery = self._owners.delivery(address, address.objects())
            workers = (worker,) if delivery is None else delivery.workers
            for one in workers:
                self._publish(address.application, subject, one, frame)

    def adopt(self, app: str, channel: dict[str, Any], dead: str, worker: str, args: Sequence[str]) -> bool:
        """Pass a call of a dead worker to another one, for which it enters the app now; False if it is not there."""
        subject = f"channel:{channel['id']}"
        known = self._owners.args_of(subject)
        if not self._owners.take_over(subject, dead, worker):
            return False
        now = datetime.now(UTC)
        if dead != worker:  # which may be alive but cut off, or restarted
            self._publish(app, subject, dead, encode_json(synthetic_json("StasisEnd", channel, app, now)))
        start = {**synthetic_json("StasisStart", channel, app, now), "args": list(known or args)}
        self._publish(app, subject, worker, encode_json(start))
        return True

    async def recover(self) -> None:
        """Read from the stream which worker owns which call: a restarted gateway has forgotten."""
        try:
            info = await self._link.jetstream.stream_info(STREAM, subjects_filter=of_node(self._node))
        except (NatsError, TimeoutError):
            return  # there is none yet
        for name in info.state.subjects or {}:
            _, _, _, channel, worker = name.split(".")
            if channel != "_" and worker != ALL_WORKERS:
                channel = unquote(channel)
                self._owners.remember(channel if channel.startswith("bridge:") else f"channel:{channel}", worker)

    async def close(self) -> None:
        """Stop offering: events that are held back go to all workers."""
        for task in list(self._tasks.values()):
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)
