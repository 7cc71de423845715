# Made from kits/aio.py by scripts/unasync.py: edit that file.
"""The kits of the synchronous client, and the values that they return."""

from asterisk_ari.kits._core.campaign import Dialled
from asterisk_ari.kits._core.conference_values import Attended, Member, Refused
from asterisk_ari.kits._core.line import Agent
from asterisk_ari.kits._core.menu_tree import BACK, TOP, Chosen
from asterisk_ari.kits._core.queue_values import Overflowed, QueueStats, Served, position_prompts
from asterisk_ari.kits._core.voicemail_values import VoiceMessage
from asterisk_ari.kits._sync.conference import Conference
from asterisk_ari.kits._sync.dialler import Dialler
from asterisk_ari.kits._sync.ivr import Ivr
from asterisk_ari.kits._sync.queue import Queue
from asterisk_ari.kits._sync.voicemail import Voicemail

__all__ = (
    "BACK",
    "TOP",
    "Agent",
    "Attended",
    "Chosen",
    "Conference",
    "Dialled",
    "Dialler",
    "Ivr",
    "Member",
    "Overflowed",
    "Queue",
    "QueueStats",
    "Refused",
    "Served",
    "VoiceMessage",
    "Voicemail",
    "position_prompts",
)
