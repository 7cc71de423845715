"""Explains "Allocation failed" by the endpoint's state, which the server reports even while it creates no channels. Pure.

The response itself is the same for a missing endpoint, an unregistered one, and a server that is stopping; neither
`/asterisk/info` nor `/asterisk/ping` reveals the latter (tested with Asterisk 16.28 and 22.10 after `core stop gracefully`).
"""

from typing import Any


def endpoint_of(target: Any) -> str | None:
    """Return the PJSIP endpoint that a channel is created for: `trunk` for `PJSIP/100@trunk`; None for other technologies.

    Other technologies can call addresses without an endpoint.
    """
    technology, _, rest = str(target or "").partition("/")
    name = rest.partition("/")[0].rpartition("@")[2]
    return name if technology == "PJSIP" and name else None


def remedy_for(endpoint: str, state: str | None) -> str | None:
    """Return what to do if no channel could be created for it; None if its state does not explain that.

    Args:
        endpoint: its name.
        state: its state on the server; None if the server does not know it.
    """
    if state is None:
        return f"this server has no endpoint PJSIP/{endpoint}"
    if state == "offline":
        return f"nothing is registered as PJSIP/{endpoint}: it is offline"
    if state == "online":
        return f"PJSIP/{endpoint} is online: is Asterisk stopping, or at its limit of calls (maxcalls, maxload)?"
    return None
