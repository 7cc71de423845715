"""Building blocks for services on calls of the asynchronous client: background work, waits, owned objects.

When the caller hangs up, everything running for the call is interrupted; these building blocks handle that, too.
"""

from asterisk_ari._async.calls.owned_objects import Owned, OwnedObjects, owned_playback
from asterisk_ari._core.requests.ids import new_id
from asterisk_ari._transport.runtime.client_clock import monotonic
from asterisk_ari._transport.runtime.interruptible_async import Subtask, check_function, outcome_of
from asterisk_ari._transport.runtime.locks import new_thread_lock
from asterisk_ari._transport.runtime.runtime_async import WaitQueue, new_lock
from asterisk_ari._transport.runtime.uninterrupted_async import uninterrupted

__all__ = (
    "Owned",
    "OwnedObjects",
    "Subtask",
    "WaitQueue",
    "check_function",
    "monotonic",
    "new_id",
    "new_lock",
    "new_thread_lock",
    "outcome_of",
    "owned_playback",
    "uninterrupted",
)
