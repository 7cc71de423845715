"""A request as it leaves, to the server or to a proxy. Pure."""


class EncodedRequest(bytes):
    """Its bytes. They hold the credentials: tools that show the variables of a traceback must not see them."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"<request of {len(self)} bytes>"
