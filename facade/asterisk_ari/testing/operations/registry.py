"""Maps operations to the functions that serve them."""

from collections.abc import Callable

from asterisk_ari.testing.machine.state.machine import Machine
from asterisk_ari.testing.operations.parameters import Parameters
from asterisk_ari.testing.operations.reply import PendingReply, Reply

Handler = Callable[[Machine, Parameters], Reply | PendingReply]

HANDLERS: dict[str, Handler] = {}

NOT_SERVED: dict[str, str] = {}
"""Operations answered with 501, and why."""


def operation(name: str) -> Callable[[Handler], Handler]:
    """Register the decorated function for an operation such as `channels.originate`."""

    def register(handler: Handler) -> Handler:
        HANDLERS[name] = handler
        return handler

    return register
