"""How the HTTP pool is set up, the same for both colours. Pure."""

from typing import Any

import httpx

from asterisk_ari.settings import Settings

# The server's listen backlog is 10 and it closes idle connections after 15 s.
MAX_CONNECTIONS = 8
KEEP_ALIVE_SECONDS = 10.0


def client_arguments(settings: Settings) -> dict[str, Any]:
    """Arguments of `httpx.Client` and `httpx.AsyncClient`."""
    return {
        "timeout": httpx.Timeout(settings.request_timeout_seconds, connect=settings.connect_timeout_seconds),
        "limits": httpx.Limits(
            max_connections=MAX_CONNECTIONS,
            max_keepalive_connections=MAX_CONNECTIONS,
            keepalive_expiry=KEEP_ALIVE_SECONDS,
        ),
        # Loading certificate authorities takes 50 ms, wasted on plain http.
        "verify": settings.verify if settings.tls else False,
        "follow_redirects": False,
        "trust_env": False,
    }
