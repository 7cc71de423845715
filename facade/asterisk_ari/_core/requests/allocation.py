"""Why "Allocation failed": what the server says of the endpoint, which it knows also while it makes no channels. Pure.

The answer itself is the same for a missing endpoint, one that nobody has registered, and a server that is stopping; neither
`/asterisk/info` nor `/asterisk/ping` tells that it is (tried on Asterisk 16.28 and 22.10 after `core stop gracefully`).
"""

from typing import Any


def endpoint_of(target: Any) -> str | None:
    """The endpoint of PJSIP that a channel is created for: `trunk` of `PJSIP/100@trunk`; None for other technologies.

    Those call addresses for which no endpoint needs to exist.
    """
    technology, _, rest = str(target or "").partition("/")
    name = rest.partition("/")[0].rpartition("@")[2]
    return name if technology == "PJSIP" and name else None


def remedy_for(endpoint: str, state: str | None) -> str | None:
    """What to do when no channel could be created for it; None where its state does not tell.

    Args:
        endpoint: its name.
        state: what the server says of it; None when it does not know it.
    """
    if state is None:
        return f"this server has no endpoint PJSIP/{endpoint}"
    if state == "offline":
        return f"nothing is registered as PJSIP/{endpoint}: it is offline"
    if state == "online":
        return f"PJSIP/{endpoint} is online: is Asterisk stopping, or at its limit of calls (maxcalls, maxload)?"
    return None
