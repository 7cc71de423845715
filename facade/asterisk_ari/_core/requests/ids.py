"""Ids chosen by the client, so that a wait can be registered before the request is sent. Pure except for randomness."""


def new_id(kind: str) -> str:
    """Return a unique id such as `channel-3f2c…`: plain ASCII, far below the server's length limit.

    Args:
        kind: its prefix.

    Example:
        >>> bridge = ari.bridges(new_id("bridge"))
    """
    from uuid import uuid4

    return f"{kind}-{uuid4().hex}"
