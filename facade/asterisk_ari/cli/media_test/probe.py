"""Two audio streams in one bridge: what one says the other hears, and says back."""

import statistics
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Literal, Self

from asterisk_ari.cli.media_test.figures import MediaFigures, is_loud, jitter_ms, loss_percent, tone
from asterisk_ari.cli.own_bridge import own_bridge
from asterisk_ari.errors import AriError, ModuleNotLoaded, NotSupportedByServer
from asterisk_ari.sync import AsteriskARI, MediaStream

Via = Literal["websocket", "audiosocket", "rtp"]
WAYS: tuple[Via, ...] = ("websocket", "audiosocket", "rtp")

RATE = 8000
PULSE_SECONDS = 0.1
LONG_SECONDS = 3.0
HEARD_SECONDS = 10.0
"""How long a sound is waited for."""
QUIET_FRAMES = 10


class FrameListener(AbstractContextManager["FrameListener"]):
    """Listens to a stream, in a thread of its own, until the stream ends."""

    def __init__(self, stream: MediaStream) -> None:
        self._stream = stream
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._listen, name="asterisk-ari-listener")
        self.frames: list[tuple[float, float, bool]] = []  # by this machine's clock, by the stream's, whether it is sound

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._stream.close()
        self._thread.join()

    def _listen(self) -> None:
        try:
            for frame in self._stream:
                with self._changed:
                    self.frames.append((time.monotonic(), frame.at, not frame.is_silence and is_loud(frame.pcm)))
                    self._changed.notify_all()
        except AriError:  # the stream broke: nothing more is heard
            return

    def wait(self, condition: Callable[[], bool]) -> bool:
        """Wait until something is so; False when it is not within some seconds."""
        with self._changed:
            return self._changed.wait_for(condition, HEARD_SECONDS)

    def wait_for_sound(self, since: int, frames: int = 1) -> float | None:
        """When the first sound came after so many frames had come; None when none came."""
        if not self.wait(lambda: sum(loud for *_, loud in self.frames[since:]) >= frames):
            return None
        return next(at for at, _, loud in self.frames[since:] if loud)

    def wait_for_quiet(self) -> bool:
        """Wait until nothing has been heard for a while."""
        since = len(self.frames)
        return self.wait(lambda: len(self.frames) >= since + QUIET_FRAMES and not any(x for *_, x in self.frames[-QUIET_FRAMES:]))


def measure(ari: AsteriskARI, via: Via, rounds: int, *, only_round_trip: bool = False) -> MediaFigures:
    """Measure one way; nothing is left.

    Args:
        ari: connected.
        via: the way.
        rounds: how many round trips.
        only_round_trip: leave out the rest, which takes some seconds.
    """
    try:
        with (
            own_bridge(ari, "asterisk-ari-media-test") as bridge,
            ari.media(bridge, rate=RATE, via=via) as near,
            ari.media(bridge, rate=RATE, via=via) as far,
            FrameListener(near) as near_listener,
            FrameListener(far) as far_listener,
        ):
            return _measure(via, rounds, (near, near_listener), (far, far_listener), only_round_trip=only_round_trip)
    except (ModuleNotLoaded, NotSupportedByServer) as error:
        return MediaFigures(via, problem=f"not here: {error}")
    except AriError as error:
        return MediaFigures(via, problem=str(error))


Side = tuple[MediaStream, FrameListener]


def _measure(via: Via, rounds: int, near: Side, far: Side, *, only_round_trip: bool) -> MediaFigures:
    trips = [trip for _ in range(rounds) if (trip := _round_trip(near, far)) is not None]
    if not trips:
        return MediaFigures(via, problem="nothing that was said was heard")
    middle_ms, worst_ms = statistics.median(trips) * 1000, max(trips) * 1000
    if only_round_trip:
        return MediaFigures(via, middle_ms, worst_ms)
    jitter, loss = _long_sound(near, far)
    return MediaFigures(
        via,
        round_trip_ms=middle_ms,
        worst_ms=worst_ms,
        jitter_ms=jitter,
        loss_percent=loss,
        flush_ms=_flush(near, far),
    )


def _round_trip(near: Side, far: Side) -> float | None:
    pulse = tone(RATE, PULSE_SECONDS)
    for _, listener in (near, far):
        listener.wait_for_quiet()
    begun, near_frames, far_frames = time.monotonic(), len(near[1].frames), len(far[1].frames)
    near[0].say(pulse)
    if far[1].wait_for_sound(far_frames) is None:
        return None
    far[0].say(pulse)
    heard_at = near[1].wait_for_sound(near_frames)
    return None if heard_at is None else heard_at - begun


def _long_sound(near: Side, far: Side) -> tuple[float | None, float]:
    far[1].wait_for_quiet()
    since = len(far[1].frames)
    near[0].say(tone(RATE, LONG_SECONDS)).wait()
    far[1].wait_for_quiet()
    arrivals = [at for _, at, loud in far[1].frames[since:] if loud]
    return jitter_ms(arrivals), loss_percent(len(arrivals), LONG_SECONDS)


def _flush(near: Side, far: Side) -> float | None:
    far[1].wait_for_quiet()
    since = len(far[1].frames)
    near[0].say(tone(RATE, LONG_SECONDS))
    if far[1].wait_for_sound(since, QUIET_FRAMES) is None:
        return None
    begun = time.monotonic()
    near[0].flush()
    far[1].wait_for_quiet()
    last = max(at for at, _, loud in far[1].frames[since:] if loud)
    return max(0.0, (last - begun) * 1000)
