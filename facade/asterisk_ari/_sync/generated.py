# Made from _async/generated.py by scripts/unasync.py: edit that file.
"""The generated functions over this package's wires."""

from collections.abc import Mapping
from typing import Any, Self

from asterisk_ari._core.answer import Answer
from asterisk_ari._core.request import Request, is_file
from asterisk_ari._wire.seam_sync import Wire


class GeneratedClient:
    """Stands where `ari_rest.Client` would: gives itself for the HTTP client and carries requests over a wire."""

    raise_on_unexpected_status = False

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def get_httpx_client(self) -> Self:
        """Asked for by the generated functions."""
        return self

    get_async_httpx_client = get_httpx_client

    def request(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, Any] | None = None,
        json: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send; `headers` are those of JSON in any case."""
        return self._wire.send(Request("ari_rest", method.upper(), url, params or {}, json, is_file(method, url)))
