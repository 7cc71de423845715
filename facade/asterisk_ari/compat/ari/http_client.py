"""The HTTP clients that programs pass to `Client`: those of swaggerpy, and our own replacement."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import requests
from requests.auth import HTTPBasicAuth

from asterisk_ari.settings import Secret

if TYPE_CHECKING:
    import httpx


class BasicAuthenticator:
    """User and password for one host."""

    def __init__(self, host: str | None, username: str, password: str) -> None:
        self.host: str | None = host
        self.auth: HTTPBasicAuth = HTTPBasicAuth(username, Secret(password))


class SynchronousHttpClient:
    """Replaces `swaggerpy.http_client.SynchronousHttpClient`: user, password, and a session to mount adapters on.

    Example:
        >>> http_client = SynchronousHttpClient()
        >>> http_client.set_basic_auth("localhost", "asterisk", "asterisk")
        >>> client = ari.Client("http://localhost:8088", http_client)
    """

    def __init__(self) -> None:
        self.session: requests.Session = requests.Session()
        self.authenticator: BasicAuthenticator | None = None

    def set_basic_auth(self, host: str | None, username: str, password: str) -> None:
        """Set the credentials.

        Args:
            host: the host that receives the password: that of the client's `base_url`.
            username: user of ari.conf.
            password: its password.
        """
        self.authenticator = BasicAuthenticator(host, username, password)

    def set_api_key(self, host: str | None, api_key: str) -> None:
        """Set the credentials as `user:password`.

        Args:
            host: as for `set_basic_auth`.
            api_key: user and password separated by a colon.
        """
        username, _, password = api_key.partition(":")
        self.set_basic_auth(host, username, password)

    def close(self) -> None:
        """Close the connections of the session."""
        self.session.close()


@dataclass(frozen=True)
class Access:
    """The server's address and the credentials; `session` is the program's own, used for requests."""

    url: str
    username: str
    password: str = field(repr=False)
    session: Any = None

    @property
    def verify(self) -> bool | ssl.SSLContext:
        """How the server's certificate is checked."""
        verify = getattr(self.session, "verify", True)
        return verify if isinstance(verify, bool) else ssl.create_default_context(cafile=verify)

    def own_client(self) -> httpx.Client | None:
        """Return an httpx client that sends through the program's session; None without one."""
        if self.session is None:
            return None
        import httpx

        return httpx.Client(transport=_through(self.session), trust_env=False)


def access_by(base_url: str, http_client: Any) -> Access:
    """Return the access configured in an HTTP client of swaggerpy.

    Raises:
        ValueError: it has none, or one for another host.
    """
    parts = urlsplit(base_url)
    authenticator = getattr(http_client, "authenticator", None)
    auth = getattr(authenticator, "auth", None)
    username, password = getattr(auth, "username", None), getattr(auth, "password", None)
    if auth is None and (api_key := getattr(authenticator, "api_key", None)):
        username, _, password = str(api_key).partition(":")
    if not username or not password:
        raise ValueError("http_client holds no user: call its set_basic_auth(host, username, password) first")
    host = getattr(authenticator, "host", None)
    if host is not None and host.lower() != (parts.hostname or "").lower():
        raise ValueError(f"http_client holds a password for {host!r}, which {parts.hostname!r} must not learn")
    session = getattr(http_client, "session", None)
    return Access(with_port(base_url), username, Secret(password), session if hasattr(session, "prepare_request") else None)


def with_port(base_url: str) -> str:
    """Return the address with an explicit port: by default 80, or 443 for https."""
    parts = urlsplit(base_url)
    if parts.hostname is None or parts.port is not None or "@" in parts.netloc:
        return base_url  # invalid addresses are rejected where they are used
    return parts._replace(netloc=f"{parts.netloc.rstrip(':')}:{443 if parts.scheme == 'https' else 80}").geturl()


def _through(session: requests.Session) -> httpx.BaseTransport:
    """Return an httpx transport that sends through a requests session, whose exceptions reach the program unchanged."""
    import httpx

    class SessionTransport(httpx.BaseTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            timeout = request.extensions.get("timeout", {})
            own = requests.Request(
                request.method, str(request.url), headers=dict(request.headers), data=request.read(), auth=_KEEP_HEADERS
            )
            answer = session.send(
                session.prepare_request(own), timeout=(timeout.get("connect"), timeout.get("read")), allow_redirects=False
            )
            # The session has already decoded the body.
            gone = ("content-encoding", "content-length", "transfer-encoding")
            headers = [(name, value) for name, value in answer.headers.items() if name.lower() not in gone]
            return httpx.Response(answer.status_code, headers=headers, content=answer.content)

        def close(self) -> None:
            session.close()

    return SessionTransport()


def _as_it_is(prepared: Any) -> Any:
    return prepared


# The request already has its Authorization; without this requests would take one from ~/.netrc.
_KEEP_HEADERS: Callable[[Any], Any] = _as_it_is
