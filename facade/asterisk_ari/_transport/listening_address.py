"""Checks of the arguments for listening, made before anything is opened."""

import ssl
from typing import Any

from asterisk_ari.errors import BadArgument


def check_port(port: Any) -> None:
    """Check that a value is a port to listen on.

    Raises:
        BadArgument: it is not; the message says why.
    """
    if not isinstance(port, int) or isinstance(port, bool) or not 0 <= port <= 65_535:
        raise BadArgument(f"port must be a number from 0 (any free port) to 65535, not {port!r}", parameter="port")


def check_max_connections(number: Any) -> None:
    """Check that a value is a valid number of connections.

    Raises:
        BadArgument: it is not; the message says why.
    """
    if not isinstance(number, int) or isinstance(number, bool) or number < 1:
        raise BadArgument(f"max_connections must be a number, 1 or more, not {number!r}", parameter="max_connections")


def check_tls(context: Any) -> None:
    """Check that a value is the context of a TLS server, or None.

    Raises:
        BadArgument: it is not; the message says why.
    """
    if context is None:
        return
    if not isinstance(context, ssl.SSLContext):
        raise BadArgument(f"ssl must be the ssl.SSLContext of a TLS server, or None, not {context!r}", parameter="ssl")
    if context.protocol == ssl.PROTOCOL_TLS_CLIENT:
        raise BadArgument(
            "ssl is the context of a client: make one by ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)", parameter="ssl"
        )
