"""The kits of the asynchronous client, and the values that they give."""

from asterisk_ari.kits._async.dialler import Dialler
from asterisk_ari.kits._async.queue import Queue
from asterisk_ari.kits._core.campaign import Dialled
from asterisk_ari.kits._core.line import Agent
from asterisk_ari.kits._core.queue_values import Overflowed, QueueStats, Served, position_prompts

__all__ = ("Agent", "Dialled", "Dialler", "Overflowed", "Queue", "QueueStats", "Served", "position_prompts")
