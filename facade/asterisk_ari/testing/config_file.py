"""The TOML file of `python -m asterisk_ari.testing --config pbx.toml`: the arguments of EmbeddedAsterisk, and more."""

import ssl
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from asterisk_ari.testing.control.fault_messages import Fault, read_fault
from asterisk_ari.testing.machine.state.endpoint import ServerEndpoint
from asterisk_ari.testing.machine.state.outbound import OutboundWebSocket

Reader = Callable[[str, Any, Path], Any]
Entry = Any
"""A value of the file: TOML has strings, numbers, truth values, lists and tables."""
_OF_ENDPOINTS = sorted(each.name for each in fields(ServerEndpoint) if each.init and each.name not in {"resource", "channels"})


def read_config(path: Path) -> dict[str, Any]:
    """Read the arguments of EmbeddedAsterisk from a file; paths in it are relative to the file.

    In addition, `faults` are the initial faults, and `control_port` is the port of the control API.

    Raises:
        OSError: the file, or a file it refers to, cannot be read.
        ValueError: it is not TOML, or has an invalid entry; the message names the file and the entry.
    """
    try:
        entries = tomllib.loads(path.read_text(encoding="utf-8"))
        if unknown := sorted(set(entries) - set(_READERS)):
            raise ValueError(f"{', '.join(unknown)} means nothing; there are {', '.join(_READERS)}")
        return {name: _READERS[name](name, value, path.parent) for name, value in entries.items()}
    except ValueError as error:  # a TOMLDecodeError is one
        raise ValueError(f"{path}: {error}") from error


def _of_type(kind: type[Any], words: str) -> Reader:
    def read(name: str, value: Entry, _: Path) -> Any:
        return _check(name, value, kind, words)

    return read


def _check(name: str, value: Entry, kind: type[Any] | tuple[type[Any], ...], words: str) -> Any:
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise ValueError(f"{name} is {words}, not {value!r}")
    return value


def _table(name: str, value: Entry) -> Mapping[str, Entry]:
    table: Mapping[str, Entry] = _check(name, value, dict, "a table")
    return table


def _port(name: str, value: Entry, _: Path) -> int:
    port: int = _check(name, value, int, "a port")
    if not 0 <= port <= 65535:
        raise ValueError(f"{name} is a port, 0 to 65535, not {port}")
    return port


def _dialplan(name: str, value: Entry, folder: Path) -> str | dict[str, Any]:
    if isinstance(value, str):
        return (folder / value).read_text(encoding="utf-8")
    contexts = _check(name, value, dict, "the path of an extensions.conf, or a table of contexts")
    return {context: dict(_table(f"{name}.{context}", extensions)) for context, extensions in contexts.items()}


def _texts(name: str, value: Entry, _: Path) -> dict[str, str]:
    return {key: _check(f"{name}.{key}", text, str, "a text") for key, text in _table(name, value).items()}


def _sounds(name: str, value: Entry, folder: Path) -> dict[str, float | Path]:
    return {key: _seconds_or_file(f"{name}.{key}", item, folder) for key, item in _table(name, value).items()}


def _recordings(name: str, value: Entry, folder: Path) -> dict[str, float | bytes]:
    given = {key: _seconds_or_file(f"{name}.{key}", item, folder) for key, item in _table(name, value).items()}
    return {key: item.read_bytes() if isinstance(item, Path) else item for key, item in given.items()}


def _seconds_or_file(name: str, value: Entry, folder: Path) -> float | Path:
    given: str | float = _check(name, value, (str, int, float), "a length in seconds, or the path of a WAV file")
    return folder / given if isinstance(given, str) else float(given)


def _endpoints(name: str, value: Entry, _: Path) -> dict[str, str | ServerEndpoint]:
    return {key: _endpoint(f"{name}.{key}", key, item) for key, item in _table(name, value).items()}


def _endpoint(name: str, resource: str, value: Entry) -> ServerEndpoint:
    if isinstance(value, str):
        return ServerEndpoint(resource, value)
    options = dict(_check(name, value, dict, "a behaviour, or a table"))
    if unknown := sorted(set(options) - set(_OF_ENDPOINTS)):
        raise ValueError(f"{name}.{unknown[0]} means nothing; there are {', '.join(_OF_ENDPOINTS)}")
    for key, option in options.items():
        default = getattr(ServerEndpoint(resource), key)
        if key == "rings_after" and option is False:
            options[key] = None
        elif isinstance(default, str):
            _check(f"{name}.{key}", option, str, "a text")
        else:
            _check(f"{name}.{key}", option, (int, float), "a number")
    return ServerEndpoint(resource, **options)


def _number(name: str, value: Entry, _: Path) -> float:
    return float(_check(name, value, (int, float), "a number"))


def _entry_delay(name: str, value: Entry, _: Path) -> float | tuple[float, float]:
    if not isinstance(value, list):
        return float(_check(name, value, (int, float), "seconds, or two numbers: the least and the most"))
    if len(value) != 2:
        raise ValueError(f"{name} is seconds, or two numbers: the least and the most, not {value!r}")
    least, most = (float(_check(name, each, (int, float), "a number")) for each in value)
    return least, most


def _origins(name: str, value: Entry, _: Path) -> list[str]:
    return [_check(name, each, str, "a list of texts") for each in _check(name, value, list, "a list of texts")]


def _apps(name: str, value: Entry, _: Path) -> list[str]:
    words, apps = "a text, or a list of texts", [value] if isinstance(value, str) else value
    return [_check(name, each, str, words) for each in _check(name, apps, list, words)]


def _ca_file(name: str, value: Entry, folder: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=folder / _check(name, value, str, "the path of a certificate"))


def _each_table(read: Callable[[Any, Path], Any]) -> Reader:
    def read_all(name: str, value: Entry, folder: Path) -> list[Any]:
        found = []
        for number, table in enumerate(_check(name, value, list, f"a list of tables, [[{name}]]"), 1):
            try:
                found.append(read(table, folder))
            except ValueError as error:
                raise ValueError(f"{name}, number {number}: {error}") from None
        return found

    return read_all


def _outbound(value: Entry, folder: Path) -> OutboundWebSocket:
    options = {}
    for key, item in _table("it", value).items():
        if key not in _OF_OUTBOUND:
            raise ValueError(f"{key} means nothing; there are {', '.join(_OF_OUTBOUND)}")
        options["tls" if key == "ca_file" else key] = _OF_OUTBOUND[key](key, item, folder)
    if missing := [key for key in ("url", "apps") if key not in options]:
        raise ValueError(f"{missing[0]} is missing")
    return OutboundWebSocket(**options)


def _fault(value: Entry, _: Path) -> Fault:
    return read_fault(value)


_OF_OUTBOUND: dict[str, Reader] = {
    "url": _of_type(str, "ws://host:port/path"),
    "apps": _apps,
    "username": _of_type(str, "a text"),
    "password": _of_type(str, "a text"),
    "per_call": _of_type(bool, "true or false"),
    "user": _of_type(str, "the name of a user"),
    "subscribe_all": _of_type(bool, "true or false"),
    "reconnect_seconds": _number,
    "reconnect_attempts": _of_type(int, "a whole number"),
    "ca_file": _ca_file,
}
_READERS: dict[str, Reader] = {
    "release": _of_type(str, "a release, such as '22.10.1'"),
    "reported_version": _of_type(str, "a text"),
    "host": _of_type(str, "an address"),
    "port": _port,
    "users": _texts,
    "dialplan": _dialplan,
    "endpoints": _endpoints,
    "sounds": _sounds,
    "recordings": _recordings,
    "websocket_clients": _texts,
    "mailboxes": _of_type(bool, "true or false"),
    "virtual_time": _of_type(bool, "true or false"),
    "keep_alive": _number,
    "session_limit": _of_type(int, "a number of connections"),
    "origins": _origins,
    "entry_delay_seconds": _entry_delay,
    "seed": _of_type(int, "a whole number"),
    "outbound": _each_table(_outbound),
    "faults": _each_table(_fault),
    "control_port": _port,
}
