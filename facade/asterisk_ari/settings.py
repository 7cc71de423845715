"""Settings of a client: arguments first, then `ARI_*` variables, then defaults."""

import base64
import os
import re
import ssl
from collections.abc import Collection, Mapping, MutableMapping
from dataclasses import dataclass, field, fields
from typing import Any, Literal, TypedDict, get_args
from urllib.parse import urlsplit

from asterisk_ari._spelling import meant
from asterisk_ari.errors import BadArgument
from asterisk_ari.policies import Reconnect

VersionCheck = Literal["error", "warn", "off"]
Transport = Literal["http", "websocket"]
Guards = Literal["all", "server"]
Order = Literal["call", "stream"]

ANSWER_TIMEOUT_SECONDS = 30.0
"""How long `ari.call` waits for the answer, unless it is told."""

MAX_CREDENTIAL_BYTES = 255
PORT = 8088
TLS_PORT = 8089


class Secret(str):
    """Text that no repr shows, so that no traceback, log or debugger does."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'***'"

    @classmethod
    def of(cls, value: Any) -> "Secret | None":
        """The secret of a text; anything else is replaced by an empty one, which is refused later."""
        return None if value is None else cls(value if isinstance(value, str) else "")


class TuningOptions(TypedDict, total=False):
    """Fields of `Settings` that few programs change, as the clients take them."""

    max_queued_bytes: int
    slow_handler_seconds: float
    ping_interval_seconds: float
    ping_timeout_seconds: float
    proxy: str
    guards: Guards
    log_personal_data: bool
    order: Order


@dataclass(frozen=True)
class Settings:
    """Everything a client needs to know about its server. The password appears in no repr."""

    host: str = "localhost"
    port: int = PORT
    username: str = "asterisk"
    password: str = field(default="asterisk", repr=False)
    app_name: str = "aiagc"
    tls: bool = False
    verify: bool | ssl.SSLContext = True
    prefix: str = ""
    apps: tuple[str, ...] = ()
    subscribe_all: bool = False
    strict: bool = False
    version_check: VersionCheck = "error"
    transport: Transport = "http"
    guards: Guards = "all"
    log_personal_data: bool = False
    order: Order = "call"
    connect_timeout_seconds: float = 5.0
    request_timeout_seconds: float = 30.0
    stasis_timeout_seconds: float = 30.0
    workers: int = 16
    max_queued_bytes: int = 64 * 1024 * 1024
    slow_handler_seconds: float = 5.0
    ping_interval_seconds: float = 7.0
    ping_timeout_seconds: float = 7.0
    reconnect: Reconnect = field(default_factory=Reconnect)
    proxy: str | None = field(default=None, repr=False)

    @property
    def base_url(self) -> str:
        """`http://host:8088/ari`, with the prefix of http.conf if there is one."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'https' if self.tls else 'http'}://{host}:{self.port}{self.prefix}/ari"

    @property
    def named(self) -> str:
        """The description used in errors about access: `server http://host:8088/ari, user 'bob'`."""
        return f"server {self.base_url}, user {self.username!r}"

    @property
    def events_url(self) -> str:
        """Address of the event WebSocket, without its query."""
        return "ws" + self.base_url.removeprefix("http") + "/events"

    @property
    def all_apps(self) -> tuple[str, ...]:
        """The Stasis apps of the event WebSocket, `app_name` first."""
        return tuple(dict.fromkeys((self.app_name, *self.apps)))

    @property
    def authorization(self) -> str:
        """Value of the Basic header, for REST and WebSocket alike."""
        pair = f"{self.username}:{self.password}".encode()
        return "Basic " + base64.b64encode(pair).decode("ascii")


class _Default(str):
    """A default that can be distinguished from the same text given explicitly."""

    __slots__ = ()


DEFAULT_APP: str = _Default("aiagc")


def load(environment: Mapping[str, str] | None = None, *, url: str | None = None, **given: Any) -> Settings:
    """Return settings from arguments (None counts as not given), then `ARI_*` variables, then defaults.

    Args:
        environment: variables to read; None reads the process's own.
        url: `http://host:8088` or `https://host:8089/prefix/ari`, instead of host, port, tls and prefix; ARI_URL
            stands for it.
        given: fields of `Settings`.

    Raises:
        BadArgument: an invalid value: a port that is not a number, a user name with a colon, ….
    """
    url = Secret.of(url)  # it may contain credentials, and is then refused
    refuse_unknown(given, {field.name for field in fields(Settings)})
    given["password"] = Secret.of(given.get("password"))
    values = {key: value for key, value in given.items() if value is not None and value is not DEFAULT_APP}
    if url and values.keys() & {"host", "port"}:
        raise BadArgument("the server's address is given twice: pass either url, or host and port")
    address = url or (_variable(environment, "ARI_URL") if not values.keys() & {"host", "port"} else None)
    if address:
        values = {**_from_url(address), **values}
    names = {"host": "ARI_HOST", "username": "ARI_USERNAME", "password": "ARI_PASSWORD", "app_name": "ARI_APP"}
    for key, name in names.items():
        if key not in values and (value := _variable(environment, name)):
            values[key] = value
    if "port" not in values and (port := _variable(environment, "ARI_PORT")):
        values["port"] = port
    if "port" in values:
        values["port"] = _port(values["port"])
    elif values.get("tls"):
        values["port"] = TLS_PORT
    if values.get("prefix"):
        values["prefix"] = ("/" + values["prefix"].strip("/")).rstrip("/")
    settings = Settings(**values)
    _check(settings)
    return settings


def _variable(environment: Mapping[str, str] | None, name: str) -> str | None:
    """Return a variable, as a secret if it may be one; no local variable holds the environment itself, whose repr shows
    everything."""
    value = (os.environ if environment is None else environment).get(name)
    return Secret.of(value) if name in ("ARI_PASSWORD", "ARI_URL") else value


def refuse_unknown(options: MutableMapping[str, Any], known: Collection[str] = TuningOptions.__annotations__) -> None:
    """Refuse unknown options, and forget all of them: one may be a password under a misspelt name.

    A proxy, whose address may hold a password, becomes a secret.

    Raises:
        TypeError: it names them.
    """
    if unknown := sorted(options.keys() - known):
        near = meant(unknown[0], [field.name for field in fields(Settings)])
        options.clear()
        raise TypeError(f"no such option: {', '.join(unknown)}" + (f". Did you mean {near}?" if near else ""))
    if "proxy" in options:
        options["proxy"] = Secret.of(options["proxy"])


def _from_url(url: str) -> dict[str, Any]:
    if "@" in url:  # whatever else is wrong with it
        raise BadArgument("the address must not contain credentials: pass username and password separately")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise BadArgument("the address is not a URL: it must look like http://host:8088") from None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise BadArgument("the address must look like http://host:8088 or https://host:8089, with or without /ari")
    tls = parts.scheme == "https"
    prefix = parts.path.rstrip("/").removesuffix("/ari")
    return {"host": parts.hostname, "port": port or (TLS_PORT if tls else PORT), "tls": tls, "prefix": prefix}


def _port(value: Any) -> int:
    text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    port = int(text) if re.fullmatch("[0-9]{1,5}", text) else 0
    if not 1 <= port <= 65_535:
        raise BadArgument(f"port must be a number from 1 to 65535, not {value!r}")
    return port


def _check(settings: Settings) -> None:
    if not settings.host or any(character in settings.host for character in "/@? #\\"):
        raise BadArgument(f"host must be a name or an address, not {settings.host!r}")
    _check_credentials(settings)
    if settings.proxy is not None and not _is_proxy(settings.proxy):
        raise BadArgument("proxy must look like http://host:3128 or http://user:password@host:3128: others are not supported")
    for app in settings.all_apps:
        if not isinstance(app, str) or not app or "," in app:
            raise BadArgument(f"an app name must be a non-empty string without commas, not {app!r}")
    for name, choices in _CHOICES.items():
        if getattr(settings, name) not in choices:
            raise BadArgument(f"{name} must be {' or '.join(choices)}, not {getattr(settings, name)!r}")
    for name, least in _LEAST.items():
        number = getattr(settings, name)
        if not isinstance(number, int | float) or isinstance(number, bool) or not number >= least:
            raise BadArgument(f"{name} must be a number, {least:g} or more, not {number!r}")


def _is_proxy(url: str) -> bool:
    """Whether this is the address of an HTTP proxy. It may contain credentials, so the code that raises errors does not parse
    it."""
    try:
        parts = urlsplit(url)
        is_complete = bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    is_bare = not (parts.path.strip("/") or parts.query or parts.fragment)
    return parts.scheme == "http" and is_complete and is_bare and not re.search(r"[\x00-\x20\x7f]", url)


def _check_credentials(settings: Settings) -> None:
    for name in ("username", "password"):
        text = getattr(settings, name)
        if not isinstance(text, str) or not text:
            raise BadArgument(f"{name} must be a non-empty string")
        if any(ord(character) < 32 or ord(character) == 127 for character in text):
            raise BadArgument(f"{name} must not contain control characters")
        if any(0xD800 <= ord(character) <= 0xDFFF for character in text):
            raise BadArgument(f"{name} must be encodable as UTF-8")
        if len(text.encode()) > MAX_CREDENTIAL_BYTES:
            raise BadArgument(f"{name} has more than {MAX_CREDENTIAL_BYTES} bytes: the server would truncate it")
    if ":" in settings.username:
        raise BadArgument("username must not contain a colon: HTTP authentication would end it there")


_CHOICES = {
    "version_check": get_args(VersionCheck),
    "transport": get_args(Transport),
    "guards": get_args(Guards),
    "order": get_args(Order),
}

# The smallest values that can work.
_LEAST = {
    "connect_timeout_seconds": 0.001,
    "request_timeout_seconds": 0.001,
    "stasis_timeout_seconds": 0,
    "workers": 1,
    "slow_handler_seconds": 0.001,
    "ping_interval_seconds": 0.001,
    "ping_timeout_seconds": 0.001,
}
