"""Errors as ari-py programs expect them: exceptions of requests."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any

from requests import PreparedRequest, Response
from requests import exceptions as of_requests
from requests.structures import CaseInsensitiveDict

from asterisk_ari.errors import (
    AriError,
    BadArgument,
    NotConnected,
    NotSent,
    RequestTimeout,
    ResponseError,
    TlsFailed,
    TransportError,
)

_KINDS: tuple[tuple[type[AriError], type[of_requests.RequestException]], ...] = (
    (RequestTimeout, of_requests.ReadTimeout),
    (TlsFailed, of_requests.SSLError),
    (TransportError, of_requests.ConnectionError),
    (NotConnected, of_requests.ConnectionError),
)


@contextmanager
def as_exceptions_of_requests(base_url: str) -> Iterator[None]:
    """Replace each error of this package by the exception that requests would raise, with the error as its cause.

    Args:
        base_url: `http://host:8088/ari`, for the address in the responses of exceptions.
    """
    try:
        yield
    except AriError as error:
        raise exception_for(error, base_url) from error


def exception_for(error: AriError, base_url: str) -> of_requests.RequestException:
    """Return the requests exception for an error of this package."""
    if isinstance(error, ResponseError):
        return _refused(error, base_url)
    if isinstance(error, BadArgument):
        return _not_sent(error, base_url)
    if isinstance(error, NotSent) and isinstance(error.__cause__, TimeoutError):
        return of_requests.ConnectTimeout(str(error))
    kinds = [kind for ours, kind in _KINDS if isinstance(error, ours)]
    return (kinds or [of_requests.RequestException])[0](str(error))


def _refused(error: ResponseError, base_url: str) -> of_requests.RequestException:
    response = _response(error.status, error.content, error.headers, error.method, base_url + error.path)
    if error.status < 300:
        return of_requests.InvalidJSONError(str(error), response=response)
    return _http_error(response, str(error))


def _not_sent(error: BadArgument, base_url: str) -> of_requests.RequestException:
    """Make a rejection by this package look like one by the server: 400, with the reason as its message."""
    resource, _, _ = (error.operation or "").partition(".")
    content = json.dumps({"message": error.message}).encode()
    response = _response(400, content, {"content-type": "application/json"}, "", f"{base_url}/{resource}")
    return _http_error(response, str(error))


def _http_error(response: Response, otherwise: str) -> of_requests.HTTPError:
    try:
        response.raise_for_status()
    except of_requests.HTTPError as error:
        return error
    return of_requests.HTTPError(otherwise, response=response)


def _response(status: int, content: bytes, headers: Mapping[str, str], method: str, url: str) -> Response:
    response = Response()
    response.status_code = status
    response.headers = CaseInsensitiveDict[str]({name.title(): value for name, value in headers.items()})
    response.url = url
    response.encoding = "utf-8"
    response.reason = HTTPStatus(status).phrase if status in HTTPStatus._value2member_map_ else ""
    request = PreparedRequest()
    request.method, request.url = method or None, url
    response.request = request
    _set_content(response, content)
    return response


def _set_content(response: Any, content: bytes) -> None:
    """Mark a response as read, with this content; requests has no public way to build one by hand."""
    response._content = content
    response._content_consumed = True
