"""The events of one worker from the stream: in order, each once, from where its previous run ended."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from itertools import groupby
from operator import itemgetter

from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.errors import Error as NatsError
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy
from nats.js.errors import NotFoundError

from asterisk_ari.cluster._core.messages import split_frames
from asterisk_ari.cluster._core.subjects import STREAM, delivery, to_worker
from asterisk_ari.cluster.errors import NatsUnavailable
from asterisk_ari.cluster.nats_link import NatsLink

_log = logging.getLogger("asterisk_ari.cluster")

ACKNOWLEDGE_SECONDS = 0.05
MOST_HELD_SECONDS = 1.0
"""What waits for handlers is acknowledged after so long all the same: one that hangs must not stop the events of other calls."""
MAX_UNACKNOWLEDGED = 10_000
FORGET_SECONDS = 24 * 3600.0


class WorkerEvents:
    """One durable consumer, recreated at the position reached whenever something may have been missed.

    Args:
        link: the connection.
        worker: the name of the worker.
        of: whose events to read: the worker's own name, or the name for all workers.
        receive: called with a node and all frames of it that arrived together.
        is_idle: whether no event that was received waits for its handler.
    """

    def __init__(
        self, link: NatsLink, worker: str, of: str, receive: Callable[[str, list[bytes]], None], is_idle: Callable[[], bool]
    ) -> None:
        self._link = link
        self._of = of
        self._subject = delivery(worker, of)
        self._durable = f"{worker}-{of}"
        self._receive = receive
        self._is_idle = is_idle
        self._subscription: Subscription | None = None
        self._consumer_sequence = 0
        self._sequence = 0
        self._begin: int | None = None
        self._unacknowledged = ""
        self._held = ""
        self._held_since = 0.0
        self._come: list[tuple[str, list[bytes]]] = []
        self._acknowledging: asyncio.Task[None] | None = None
        self._lock = asyncio.Lock()
        self._again: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Start where the worker's previous run ended; a new worker starts now.

        Raises:
            NatsUnavailable: NATS does not permit this user to read them, or another worker has this name.
        """
        try:
            await self._open(is_first=True)
        except NotFoundError:  # no gateway has run yet; whatever the first one publishes is for us
            self._begin = 1
            self._open_again()
        except (NatsError, TimeoutError) as error:
            refusal = self._link.refusal()
            raise refusal or NatsUnavailable(f"the events cannot be read from NATS: {error or type(error).__name__}") from error
        self._acknowledging = asyncio.create_task(self._acknowledge(), name="ari-worker-acknowledge")

    async def _open(self, *, is_first: bool = False) -> None:
        async with self._lock:
            stream = self._link.jetstream
            begin = self._sequence + 1 if self._sequence else self._begin
            try:
                info = await stream.consumer_info(STREAM, self._durable)
            except NotFoundError:
                pass
            else:
                if is_first and info.push_bound:
                    name = self._durable.removesuffix(f"-{self._of}")
                    raise NatsUnavailable(f"another worker is called {name!r}", remedy="give each worker a name of its own")
                if begin is None and info.ack_floor is not None:
                    begin = info.ack_floor.stream_seq + 1
                    if info.ack_floor.stream_seq == 0 and info.config.opt_start_seq:
                        begin = info.config.opt_start_seq
                await stream.delete_consumer(STREAM, self._durable)
            if begin is None:
                begin = (await stream.stream_info(STREAM)).state.last_seq + 1
            self._consumer_sequence = 0
            self._unacknowledged = self._held = ""  # of the consumer before; the new one begins after that
            if self._subscription is None:
                self._subscription = await self._link.client.subscribe(self._subject, cb=self._take)
            await stream.add_consumer(
                STREAM,
                ConsumerConfig(
                    durable_name=self._durable,
                    deliver_subject=self._subject,
                    deliver_policy=DeliverPolicy.BY_START_SEQUENCE,
                    opt_start_seq=begin,
                    ack_policy=AckPolicy.ALL,
                    ack_wait=30,
                    max_ack_pending=MAX_UNACKNOWLEDGED,
                    filter_subject=to_worker(self._of),
                    inactive_threshold=FORGET_SECONDS,
                ),
            )

    async def reconnected(self) -> None:
        """NATS is back: messages it delivered in the meantime may have been lost."""
        self._open_again()

    def _open_again(self) -> None:
        if self._again is None or self._again.done():
            self._again = asyncio.create_task(self._try_to_open(), name="ari-worker-consumer")

    async def _try_to_open(self) -> None:
        while True:
            try:
                await self._open()
            except NotFoundError:
                await asyncio.sleep(0.5)
            except (NatsError, TimeoutError, NatsUnavailable) as error:
                _log.warning("the events cannot be read from NATS: %s", error or type(error).__name__)
                await asyncio.sleep(1.0)
            else:
                return

    async def _take(self, message: Msg) -> None:
        fields = message.reply.split(".")  # $JS.ACK.<stream>.<consumer>.<delivered>.<in stream>.<in consumer>.<time>.<pending>
        sequence, consumer_sequence = int(fields[5]), int(fields[6])
        if sequence <= self._sequence:
            self._consumer_sequence = consumer_sequence
            return
        if consumer_sequence != self._consumer_sequence + 1:
            self._open_again()
            return
        self._consumer_sequence, self._sequence = consumer_sequence, sequence
        self._unacknowledged = message.reply
        if not self._come:  # everything from one read of the connection is passed on together
            asyncio.get_running_loop().call_soon(self._pass_on)
        self._come.append((message.subject.split(".", 2)[1], split_frames(message.data)))

    def _pass_on(self) -> None:
        come, self._come = self._come, []
        for node, of_node in groupby(come, itemgetter(0)):
            try:
                self._receive(node, [frame for _, frames in of_node for frame in frames])
            except Exception:  # noqa: BLE001 - later events must arrive nevertheless
                _log.exception("events of node %s could not be routed", node)

    async def _acknowledge(self) -> None:
        """Acknowledge periodically how far handlers have come; a busy worker acknowledges what it received a while ago."""
        now = asyncio.get_running_loop().time
        while True:
            await asyncio.sleep(ACKNOWLEDGE_SECONDS)
            if not self._come and self._is_idle():
                self._held = ""
                await self._acknowledge_now()
            elif not self._held:
                self._held, self._held_since = self._unacknowledged, now()
            elif now() - self._held_since >= MOST_HELD_SECONDS:
                held, self._held = self._held, ""
                await self._send_acknowledgement(held)

    async def _acknowledge_now(self) -> None:
        reply, self._unacknowledged = self._unacknowledged, ""
        await self._send_acknowledgement(reply)

    async def _send_acknowledgement(self, reply: str) -> None:
        if reply:
            with suppress(NatsUnavailable):  # then they are delivered again, and recognized
                await self._link.publish(reply, b"")

    async def close(self) -> None:
        """Stop; later events wait until the worker is started again."""
        for task in (self._again, self._acknowledging):
            if task is not None:
                task.cancel()
        if self._subscription is not None:
            with suppress(NatsError):
                await self._subscription.unsubscribe()
        self._pass_on()
        await self._acknowledge_now()
