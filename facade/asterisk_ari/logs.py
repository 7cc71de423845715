"""The log of a program that handles many calls: which of its lines belongs to which.

This package writes to the loggers `asterisk_ari` and below: calls that enter and leave at INFO, requests and events at DEBUG.
Each record has `call`, the id of the channel that it is about. `CallFilter` gives the program's own records the same.
"""

from asterisk_ari._transport.runtime.current_call import CallFilter, current_call

__all__ = ("CallFilter", "current_call")
