"""Which call the program is at, for its log: the one whose event is being handled."""

import logging

from asterisk_ari._core.events.matching import ordering_key, subject_of_key, subjects
from asterisk_ari._transport.runtime.running_handler import running_here

# All that write lines of this package.
_OWN_LOGGERS = ("asterisk_ari", "asterisk_ari.events", "asterisk_ari.rest", "asterisk_ari.capabilities")


def current_call() -> str:
    """Return the id of the channel whose event the present handler was called with; "" outside of handlers.

    It is known in the tasks that a handler of the asynchronous client starts, and in `asyncio.to_thread`; not in threads that a
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
    """Gives each record the attribute `call`: the id of the channel whose handler wrote it, "" outside of handlers.

    Records of this package have it without it. It lets every record pass.

    Example:
        >>> handler = logging.StreamHandler()
        >>> handler.addFilter(CallFilter())
        >>> handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s [%(call)s] %(message)s"))
        >>> logging.getLogger().addHandler(handler)
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Set `record.call`, unless it is there."""
        if not hasattr(record, "call"):
            record.call = current_call()
        return True


_own = CallFilter()


def mark_own_records() -> None:
    """Have all records of this package carry their call; doing it again changes nothing."""
    for name in _OWN_LOGGERS:
        logging.getLogger(name).addFilter(_own)
