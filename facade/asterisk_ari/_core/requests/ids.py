"""Ids chosen by the client, so that a wait can be registered before the request leaves. Pure but for randomness."""


def new_id(kind: str) -> str:
    """A unique id such as `channel-3f2c…`: plain ASCII, far below the server's limit.

    Args:
        kind: what it begins with.

    Example:
        >>> bridge = ari.bridges(new_id("bridge"))
    """
    from uuid import uuid4

    return f"{kind}-{uuid4().hex}"
