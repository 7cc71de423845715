"""Where to connect and how patiently: arguments first, then `ARI_*` variables, then defaults."""

import base64
import os
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlsplit

from asterisk_ari.errors import BadArgument
from asterisk_ari.policies import Reconnect

VersionCheck = Literal["error", "warn", "off"]

MAX_CREDENTIAL_BYTES = 255


@dataclass(frozen=True)
class Settings:
    """All a client needs to know about its server. The password is in no repr."""

    host: str = "localhost"
    port: int = 8088
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
    connect_timeout_seconds: float = 5.0
    request_timeout_seconds: float = 30.0
    stasis_timeout_seconds: float = 30.0
    workers: int = 16
    max_queued_bytes: int = 64 * 1024 * 1024
    slow_handler_seconds: float = 5.0
    ping_interval_seconds: float = 7.0
    ping_timeout_seconds: float = 7.0
    reconnect: Reconnect = field(default_factory=Reconnect)

    @property
    def base_url(self) -> str:
        """`http://host:8088/ari`, with the prefix of http.conf where there is one."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'https' if self.tls else 'http'}://{host}:{self.port}{self.prefix}/ari"

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
