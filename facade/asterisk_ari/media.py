"""Audio to and from calls: `MediaStream`, as `ari.media(…)` of the asynchronous client gives it, and what it gives.

The synchronous client's `MediaStream`, `MediaServer` and `Utterance` are in `asterisk_ari.sync`.
"""

from asterisk_ari._async.media.server import MediaServer
from asterisk_ari._async.media.stream import MediaStream
from asterisk_ari._async.media.utterance import Utterance
from asterisk_ari._core.media.values import AudioFrame, Interrupted, MediaStats, MediaStatus

__all__ = (
    "AudioFrame",
    "Interrupted",
    "MediaServer",
    "MediaStats",
    "MediaStatus",
    "MediaStream",
    "Utterance",
)
