"""Publishes the messages of an outbox, and keeps them until NATS has stored them."""

import asyncio
import logging
from contextlib import suppress

import msgspec
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from nats.js.api import DiscardPolicy, RetentionPolicy, StorageType, StreamConfig

from asterisk_ari.cluster._core.outbox import Outbox
from asterisk_ari.cluster._core.subjects import EVENTS, STREAM
from asterisk_ari.cluster.errors import NatsUnavailable
from asterisk_ari.cluster.nats_link import NatsLink, is_unanswerable

_log = logging.getLogger("asterisk_ari.cluster")

BATCH = 128
ACKNOWLEDGE_SECONDS = 3.0


class EventPublisher:
    """Publishes in order, in batches whose last message is acknowledged for all.

    Args:
        link: the connection.
        outbox: the messages to publish.
        retention_seconds: how long NATS keeps an event.
        retention_bytes: how many bytes of events it keeps at most.
    """

    def __init__(self, link: NatsLink, outbox: Outbox, *, retention_seconds: float, retention_bytes: int) -> None:
        self._link = link
        self._outbox = outbox
        self._config = StreamConfig(
            name=STREAM,
            subjects=[EVENTS],
            retention=RetentionPolicy.LIMITS,
            max_age=retention_seconds,
            max_bytes=retention_bytes,
            discard=DiscardPolicy.OLD,
            storage=StorageType.FILE,
            duplicate_window=0,
        )
        self._wake = asyncio.Event()
        self._has_stream = False
        self._acknowledged_at = 0.0
        self._inbox = ""
        self._task: asyncio.Task[None] | None = None
        self._said = ""

    def start(self) -> None:
        """Start publishing in the background."""
        self._task = asyncio.create_task(self._run(), name="ari-gateway-publisher")

    def wake(self) -> None:
        """Note that the outbox is no longer empty."""
        self._wake.set()

    async def connected(self) -> None:
        """NATS is connected: publish again what it may not have stored."""
        if not self._inbox:
            self._inbox = self._link.client.new_inbox()
            await self._link.client.subscribe(f"{self._inbox}.*", cb=self._stored)
        self._again()

    def _again(self) -> None:
        self._has_stream = False
        self._outbox.send_again()
        self._outbox.name_subjects_again()
        self._wake.set()

    async def close(self, seconds: float) -> int:
        """Wait for so long until everything is stored; return the number of messages that are not."""
        deadline = asyncio.get_running_loop().time() + seconds
        while len(self._outbox) and self._link.is_connected and asyncio.get_running_loop().time() < deadline:
            self._wake.set()
            await asyncio.sleep(0.02)
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        return len(self._outbox)

    async def _run(self) -> None:
        now = asyncio.get_running_loop().time
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(1.0):
                    await self._wake.wait()
            self._wake.clear()
            if not self._link.is_connected:
                continue
            if self._outbox.unacknowledged and now() - self._acknowledged_at > ACKNOWLEDGE_SECONDS:
                self._complain("NATS has not said that it stored events: they are published again")
                self._again()
            try:
                if not self._has_stream and len(self._outbox):
                    await self._ensure_stream()
                await self._publish_all()
            except (NatsUnavailable, NatsError, OSError, TimeoutError) as error:
                refusal = self._link.refusal("$JS.API.STREAM", "ari.")
                self._complain(f"events wait to be published: {refusal or error or type(error).__name__}")

    async def _publish_all(self) -> None:
        outbox, publish = self._outbox, self._link.client.publish
        while self._link.is_connected and (batch := outbox.take(BATCH)):
            self._acknowledged_at = asyncio.get_running_loop().time()
            last = batch[-1]
            for message in batch[:-1]:
                await publish(message.subject, message.payload)
            await publish(last.subject, last.payload, reply=f"{self._inbox}.{last.number}")

    async def _ensure_stream(self) -> None:
        """Create the stream, unless there is one, with its own retention.

        Raises:
            NatsError: NATS has no JetStream, or does not permit it.
        """
        stream = self._link.jetstream
        try:
            await stream.stream_info(STREAM)
        except NatsError:
            await stream.add_stream(self._config)
        self._has_stream = True
        self._said = ""

    def _complain(self, text: str) -> None:
        if text != self._said:
            _log.warning("%s", text)
        self._said = text

    async def _stored(self, message: Msg) -> None:
        if is_unanswerable(message):
            self._complain("NATS has no stream for events: is JetStream switched on (nats-server -js)?")
            self._has_stream = False
            return
        answer = msgspec.json.decode(message.data)
        if "error" in answer:
            self._complain(f"NATS does not store events: {answer['error'].get('description')}")
            return
        self._acknowledged_at = asyncio.get_running_loop().time()
        self._outbox.stored(int(message.subject.rpartition(".")[2]))
