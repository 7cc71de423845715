"""Every public class of the asynchronous client, to import and to annotate with: `Channel`, `Bridge`, `Call`, `Waiter`, ….

`asterisk_ari` itself has what both variants share: errors, events, settings, policies.
"""

from asterisk_ari._async.calls.audio import MediaOptions, TapOptions
from asterisk_ari._async.calls.call import Call, DialResult, MenuOptions, TransferResult
from asterisk_ari._async.calls.consulting import AttendedTransfer
from asterisk_ari._async.calls.dialling import Progress
from asterisk_ari._async.calls.placing import OriginateOptions
from asterisk_ari._async.calls.speaking import Prompts
from asterisk_ari._async.calls.supervising import Supervision
from asterisk_ari._async.calls.tapping import Tap
from asterisk_ari._async.calls.transfer_requests import TransferRequest, Transfers
from asterisk_ari._async.client import AsyncAsteriskARI
from asterisk_ari._async.events.waiters import Waiter
from asterisk_ari._async.listening.listener import AriListener
from asterisk_ari._async.listening.session import AriSession
from asterisk_ari._async.media.recording import StereoRecording
from asterisk_ari._async.media.server import MediaServer
from asterisk_ari._async.media.speech import CachedSpeaker, EspeakNG, Speaker
from asterisk_ari._async.media.stream import MediaStream
from asterisk_ari._async.media.turns import Turns
from asterisk_ari._async.media.utterance import Utterance
from asterisk_ari._async.resources.applications import Application, Applications
from asterisk_ari._async.resources.asterisk import Asterisk, InfoSection
from asterisk_ari._async.resources.base import Handle, OwnsChannel
from asterisk_ari._async.resources.bridges import Bridge, Bridges
from asterisk_ari._async.resources.channels import AnyChannel, Channel, Channels, Snoop, Variables
from asterisk_ari._async.resources.device_states import DeviceState, DeviceStates
from asterisk_ari._async.resources.endpoints import Endpoint, Endpoints
from asterisk_ari._async.resources.events import Events
from asterisk_ari._async.resources.mailboxes import Mailbox, Mailboxes
from asterisk_ari._async.resources.observed import Observed
from asterisk_ari._async.resources.playbacks import Media, Playback, Playbacks
from asterisk_ari._async.resources.recordings import LiveRecording, Recordings, StoredRecording
from asterisk_ari._async.resources.sounds import Sound, Sounds
from asterisk_ari._async.workers.durable_call import DurableCall
from asterisk_ari._async.workers.leases import Leases
from asterisk_ari._async.workers.pool import CallPool
from asterisk_ari._core.calls.dial_outcomes import Answered, Busy, Cancelled, Declined, Failed, NoAnswer, TargetOutcome
from asterisk_ari._core.calls.dial_plan import Target
from asterisk_ari._core.calls.digits import Digits
from asterisk_ari._core.calls.messages import Recorded
from asterisk_ari._core.calls.questions import Answer
from asterisk_ari._core.calls.talk import Ended
from asterisk_ari._core.calls.transfers import Transferred
from asterisk_ari._core.events.registry import Registration
from asterisk_ari._core.events.stats import Stats
from asterisk_ari._core.media.spoken import Spoken
from asterisk_ari._core.media.turns import BargeIn, BargeInPolicy, SpeechEnded, SpeechStarted
from asterisk_ari._core.media.vad import Vad
from asterisk_ari._core.media.values import AudioFrame, Interrupted, MediaStats, MediaStatus
from asterisk_ari._core.workers.leases import Lease
from asterisk_ari._core.workers.offers import PoolStats

__all__ = (
    "Answer",
    "Answered",
    "AnyChannel",
    "Application",
    "Applications",
    "AriListener",
    "AriSession",
    "Asterisk",
    "AsyncAsteriskARI",
    "AttendedTransfer",
    "AudioFrame",
    "BargeIn",
    "BargeInPolicy",
    "Bridge",
    "Bridges",
    "Busy",
    "CachedSpeaker",
    "Call",
    "CallPool",
    "Cancelled",
    "Channel",
    "Channels",
    "Declined",
    "DeviceState",
    "DeviceStates",
    "DialResult",
    "Digits",
    "DurableCall",
    "Ended",
    "Endpoint",
    "Endpoints",
    "EspeakNG",
    "Events",
    "Failed",
    "Handle",
    "InfoSection",
    "Interrupted",
    "Lease",
    "Leases",
    "LiveRecording",
    "Mailbox",
    "Mailboxes",
    "Media",
    "MediaOptions",
    "MediaServer",
    "MediaStats",
    "MediaStatus",
    "MediaStream",
    "MenuOptions",
    "NoAnswer",
    "Observed",
    "OriginateOptions",
    "OwnsChannel",
    "Playback",
    "Playbacks",
    "PoolStats",
    "Progress",
    "Prompts",
    "Recorded",
    "Recordings",
    "Registration",
    "Snoop",
    "Sound",
    "Sounds",
    "Speaker",
    "SpeechEnded",
    "SpeechStarted",
    "Spoken",
    "Stats",
    "StereoRecording",
    "StoredRecording",
    "Supervision",
    "Tap",
    "TapOptions",
    "Target",
    "TargetOutcome",
    "TransferRequest",
    "TransferResult",
    "Transferred",
    "Transfers",
    "Turns",
    "Utterance",
    "Vad",
    "Variables",
    "Waiter",
)
