"""An encoded request, as sent to the server or to a proxy. Pure."""


class EncodedRequest(bytes):
    """The bytes of a request. They contain credentials, which tools that show a traceback's variables must not reveal."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"<request of {len(self)} bytes>"
