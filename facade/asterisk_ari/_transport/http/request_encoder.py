"""HTTP/1.1 requests as bytes. Pure: both variants share it."""

from urllib.parse import quote

import msgspec

from asterisk_ari._core.requests.request import OperationRequest, query_of
from asterisk_ari._transport.encoded_request import EncodedRequest
from asterisk_ari.settings import Settings

_encode_json = msgspec.json.Encoder().encode


class RequestEncoder:
    """Encodes requests for one server and one user."""

    def __init__(self, settings: Settings) -> None:
        authority, _, path = settings.base_url.partition("://")[2].partition("/")
        self._prefix = quote(path, safe="/%:@!$&'()*+,;=~")
        try:
            host = authority if authority.isascii() else authority.encode("idna").decode("ascii")
        except UnicodeError:
            host = "localhost"  # connecting to it also fails, with an error that names the host
        self._headers = EncodedRequest(f" HTTP/1.1\r\nHost: {host}\r\nAuthorization: {settings.authorization}\r\n".encode())

    def upgrade(self, target: str, headers: str) -> EncodedRequest:
        """Encode the request for a WebSocket; `headers` are lines that end with CRLF."""
        return self._join(f"GET /{self._prefix}{target}", headers)

    def encode(self, request: OperationRequest) -> EncodedRequest:
        """Encode head and body."""
        line = f"{request.method} /{self._prefix}{request.path}{query_of(request.params)}"
        if request.json is None:
            return self._join(line, "" if request.method == "GET" else "Content-Length: 0\r\n")
        body = _encode_json(request.json)
        return self._join(line, f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n", body)

    def _join(self, line: str, headers: str, body: bytes = b"") -> EncodedRequest:
        # Text that may fail to encode is encoded before the credentials are added: the error would show the whole text.
        return EncodedRequest(b"".join((line.encode("ascii"), self._headers, headers.encode("ascii"), b"\r\n", body)))
