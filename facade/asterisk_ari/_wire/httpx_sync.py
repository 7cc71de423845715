"""REST over an httpx client of the program's own, synchronous. Loaded only then: it costs more than all the rest."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from asterisk_ari._core.answer import Answer, result
from asterisk_ari._core.request import Request
from asterisk_ari._wire.httpx_errors import BROKEN, FAILED, transport_error
from asterisk_ari.settings import Settings


class HttpxWire:
    """Sends requests over the program's client; broken exchanges become errors of the tree."""

    def __init__(self, settings: Settings, client: httpx.Client) -> None:
        self._base_url = settings.base_url
        self._timeout_seconds = settings.request_timeout_seconds
        self._headers = httpx.Headers({"Authorization": settings.authorization})  # its repr keeps the value to itself
        self._client = client

    def send(self, request: Request) -> Answer:
        """Send and read the whole answer. Only a GET is tried again, once, when its connection broke."""
        try:
            return self._exchange(request)
        except BROKEN as error:
            # The server closes idle connections after 15 s, sometimes just as one is picked up.
            if request.method != "GET":
                raise transport_error(request, error, self._base_url, self._timeout_seconds) from error
        except FAILED as error:
            raise transport_error(request, error, self._base_url, self._timeout_seconds) from error
        try:
            return self._exchange(request)
        except FAILED as error:
            raise transport_error(request, error, self._base_url, self._timeout_seconds) from error

    def _exchange(self, request: Request) -> Answer:
        response = self._client.request(**self._arguments(request))
        return Answer(response.status_code, response.headers, response.content)

    @contextmanager
    def stream(self, request: Request, chunk_bytes: int) -> Iterator[Iterator[bytes]]:
        """The body of a successful answer in chunks, never whole in memory."""
        try:
            with self._client.stream(**self._arguments(request)) as response:
                if not 200 <= response.status_code <= 299:
                    result(request, Answer(response.status_code, response.headers, response.read()))
                yield response.iter_bytes(chunk_bytes)
        except FAILED as error:
            raise transport_error(request, error, self._base_url, self._timeout_seconds) from error

    def _arguments(self, request: Request) -> dict[str, Any]:
        arguments: dict[str, Any] = {
            "method": request.method,
            "url": self._base_url + request.path,
            "params": request.params,
            "headers": self._headers,
        }
        if request.json is not None:
            arguments["json"] = request.json
        return arguments

    def close(self) -> None:
        """Leave the client open: it is the program's."""
