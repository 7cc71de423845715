"""What the tests of processes, signals and event loops share."""

from tests.transport.conftest import NO_FILTER, http, no_variables, server, tls_server, variant, way, websocket

__all__ = ["NO_FILTER", "http", "no_variables", "server", "tls_server", "variant", "way", "websocket"]
