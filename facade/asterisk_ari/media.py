"""Audio to and from calls: `MediaStream`, returned by `ari.media(…)` of the asynchronous client, the types it uses, and G.711.

The corresponding classes of the synchronous client are in `asterisk_ari.sync`.
"""

from asterisk_ari._async.media.recording import StereoRecording
from asterisk_ari._async.media.server import MediaServer
from asterisk_ari._async.media.speech import CachedSpeaker, EspeakNG, Speaker
from asterisk_ari._async.media.stream import MediaStream
from asterisk_ari._async.media.turns import Turns
from asterisk_ari._async.media.utterance import Utterance
from asterisk_ari._core.media.g711 import from_alaw, from_ulaw, to_alaw, to_ulaw
from asterisk_ari._core.media.spoken import Spoken
from asterisk_ari._core.media.turns import BargeIn, SpeechEnded, SpeechStarted
from asterisk_ari._core.media.values import AudioFrame, Interrupted, MediaStats, MediaStatus

__all__ = (
    "AudioFrame",
    "BargeIn",
    "CachedSpeaker",
    "EspeakNG",
    "Interrupted",
    "MediaServer",
    "MediaStats",
    "MediaStatus",
    "MediaStream",
    "Speaker",
    "SpeechEnded",
    "SpeechStarted",
    "Spoken",
    "StereoRecording",
    "Turns",
    "Utterance",
    "from_alaw",
    "from_ulaw",
    "to_alaw",
    "to_ulaw",
)
