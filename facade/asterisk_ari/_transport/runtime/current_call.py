"""The current call, for logging: the one whose event is being handled."""

import logging

from asterisk_ari._core.events.matching import ordering_key, subject_of_key, subjects
from asterisk_ari._transport.runtime.running_handler import running_here

# All loggers of this package that write records.
_OWN_LOGGERS = ("asterisk_ari", "asterisk_ari.events", "asterisk_ari.rest", "asterisk_ari.capabilities")


def current_call() -> str:
    """Return the id of the channel whose event the current handler was called with; "" outside of handlers.

    It is also set in tasks started by a handler of the asynchronous client, and in `asyncio.to_thread`, but not in threads that a
    program starts itself. An event about no channel (a bridge, a device) belongs to no call.

    Example:
        >>> structlog.contextvars.bind_contextvars(call=current_call())
    """
    running = running_here()
    if running is None or running.event is None:
        return ""
    json = running.event.json
    kind, name = subject_of_key(ordering_key(json, subjects(json)))
    return name if kind == "channel" else ""


class CallFilter(logging.Filter):
    """Sets the attribute `call` of each record: the id of the channel whose handler logged it, "" outside of handlers.

    Records of this package have the attribute without this filter. The filter lets every record pass.

    Example:
        >>> handler = logging.StreamHandler()
        >>> handler.addFilter(CallFilter())
        >>> handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s [%(call)s] %(message)s"))
        >>> logging.getLogger().addHandler(handler)
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Set `record.call`, unless it is already set."""
        if not hasattr(record, "call"):
            record.call = current_call()
        return True


_own = CallFilter()


def mark_own_records() -> None:
    """Make all records of this package carry their call; further calls change nothing."""
    for name in _OWN_LOGGERS:
        logging.getLogger(name).addFilter(_own)
