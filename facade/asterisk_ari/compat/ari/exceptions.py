"""The exceptions of Wazo's fork of ari-py, which `wazo.Client` raises; each is an `HTTPError` too."""

from collections.abc import Mapping
from typing import Any

from requests.exceptions import HTTPError, RequestException


class ARIException(RequestException):
    """A call failed.

    Args:
        ari_client: the client.
        original_error: what requests would have raised.
    """

    def __init__(self, ari_client: Any, original_error: RequestException) -> None:
        super().__init__(str(original_error), response=original_error.response, request=original_error.request)
        self.client: Any = ari_client
        self.original_error: RequestException = original_error
        self.original_message: str | None = _message_of(original_error)


class ARIHTTPError(ARIException, HTTPError):
    """The server rejected a call."""


class ARINotFound(ARIHTTPError):
    """404."""


class ARINotInStasis(ARIHTTPError):
    """409."""


class ARIUnprocessable(ARIHTTPError):
    """422."""


class ARIServerError(ARIHTTPError):
    """500."""


class ARIServerUnavailable(ARIHTTPError):
    """503."""


BY_STATUS: Mapping[int, type[ARIHTTPError]] = {
    404: ARINotFound,
    409: ARINotInStasis,
    422: ARIUnprocessable,
    500: ARIServerError,
    503: ARIServerUnavailable,
}


def _message_of(error: RequestException) -> str | None:
    """Return Asterisk's message from the response body."""
    try:
        body = error.response.json() if error.response is not None else None
    except ValueError:
        return None
    message = body.get("message") if isinstance(body, dict) else None
    return message if isinstance(message, str) else None
