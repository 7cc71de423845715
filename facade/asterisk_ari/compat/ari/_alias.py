"""`connect`, and the names `ari` and `swaggerpy` for programs that import them."""

import importlib.util
import sys
from functools import partial
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit

from asterisk_ari.compat.ari import client as client_module
from asterisk_ari.compat.ari import exceptions, model
from asterisk_ari.compat.ari.client import Client, StasisStartStyle
from asterisk_ari.compat.ari.http_client import BasicAuthenticator, SynchronousHttpClient
from asterisk_ari.policies import Reconnect


class _Credentials:
    """User and password, for a client without a requests session."""

    def __init__(self, host: str | None, username: str, password: str) -> None:
        self.authenticator: BasicAuthenticator = BasicAuthenticator(host, username, password)


def connect(base_url: str, username: str, password: str, *, client_class: type[Client] = Client, **options: Any) -> Client:
    """Connect to a server and read its definitions. No event WebSocket is opened before `run()`.

    Args:
        base_url: `http://host:8088`, with the prefix of http.conf if there is one.
        username: user of ari.conf.
        password: its password.
        client_class: the class of the client.
        options: `reconnect` and `stasis_start`, see `Client`.

    Returns:
        The client.

    Raises:
        requests.RequestException: the server cannot be reached, or rejects the user.
        ValueError: the address or the user is invalid.

    Example:
        >>> client = ari.connect("http://localhost:8088", "asterisk", "asterisk")
        >>> client.channels.list()
        []
    """
    return client_class(base_url, _Credentials(urlsplit(base_url).hostname, username, password), **options)


def install_alias(
    *,
    client_class: type[Client] = Client,
    reconnect: Reconnect | None = None,
    stasis_start: StasisStartStyle | None = None,
) -> None:
    """Redirect `import ari` and its modules to this package from now on, and `import swaggerpy` too if that is not installed.

    Args:
        client_class: the class behind `ari.Client` and `ari.connect`: `Client`, or `WazoClient` of
            `asterisk_ari.compat.ari.wazo`.
        reconnect: the default of clients that set none; see `Client`.
        stasis_start: the default of clients that set none; see `Client`.

    Raises:
        ImportError: another `ari` has already been imported.

    Example:
        >>> from asterisk_ari.compat.ari import install_alias
        >>> install_alias(stasis_start="channel")
        >>> import ari
    """
    present = sys.modules.get("ari")
    if present is not None and not hasattr(present, "_stands_in_for_ari_py"):
        raise ImportError(f"another ari is imported already: {present!r}", name="ari")
    chosen = {"reconnect": reconnect, "stasis_start": stasis_start}
    kind = type("Client", (client_class,), {name: value for name, value in chosen.items() if value is not None})
    names: dict[str, Any] = {"Client": kind, "connect": partial(connect, client_class=kind), "_stands_in_for_ari_py": True}
    client = _module("ari.client", {**_public(client_module), **_public(model), **names})
    modules = {"client": client, "model": _module("ari.model", _public(model))}
    modules["exceptions"] = _module("ari.exceptions", _public(exceptions))
    package = _module("ari", {**_public(model), **names, **modules, "__path__": []})
    sys.modules.update({"ari": package, **{f"ari.{name}": module for name, module in modules.items()}})
    if "swaggerpy" not in sys.modules and importlib.util.find_spec("swaggerpy") is None:
        http_client = _module("swaggerpy.http_client", {"SynchronousHttpClient": SynchronousHttpClient})
        sys.modules["swaggerpy"] = _module("swaggerpy", {"http_client": http_client, "__path__": []})
        sys.modules["swaggerpy.http_client"] = http_client


def _public(module: ModuleType) -> dict[str, Any]:
    return {name: value for name, value in vars(module).items() if not name.startswith("_")}


def _module(name: str, contents: dict[str, Any]) -> ModuleType:
    module = ModuleType(name, "Stands in for ari-py; see asterisk_ari.compat.ari.")
    vars(module).update(contents)
    return module
