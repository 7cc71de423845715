"""`ARI_LOG=debug` in the environment enables logging, however the program configures it."""

import logging
import os

from asterisk_ari._transport.runtime.current_call import mark_own_records

VARIABLE = "ARI_LOG"
FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
_LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING}
_handler: logging.Handler | None = None


def switch_on() -> None:
    """Write the package's log to standard error if the environment says so; done once per process. Warns about invalid values.

    Log records carry their call, whichever handler writes them.
    """
    global _handler  # noqa: PLW0603 - the logger it belongs to is global to the process as well
    mark_own_records()
    wanted = os.environ.get(VARIABLE, "").strip().lower()
    if not wanted or _handler is not None:
        return
    log = logging.getLogger("asterisk_ari")
    _handler = logging.StreamHandler()
    _handler.setFormatter(logging.Formatter(FORMAT))
    log.addHandler(_handler)
    log.setLevel(_LEVELS.get(wanted, logging.INFO))
    log.propagate = False  # otherwise records handled by the program's own handlers would appear twice
    if wanted not in _LEVELS:
        log.warning("%s is not one of %s: using info", VARIABLE, ", ".join(_LEVELS))
