"""What the operations of /asterisk and /mailboxes read and change."""

from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


@dataclass(slots=True)
class SystemState:
    """Modules and log channels by name, PJSIP objects by class, type and id, mailboxes by name.

    `mailboxes` is None on a server without the mailbox resource. `websocket_clients` are the connections of
    websocket_client.conf: names and URLs.
    """

    modules: dict[str, Json]
    log_channels: dict[str, Json]
    config_objects: dict[tuple[str, str, str], Json] = field(default_factory=dict)
    mailboxes: dict[str, Json] | None = None
    websocket_clients: dict[str, str] = field(default_factory=dict)
