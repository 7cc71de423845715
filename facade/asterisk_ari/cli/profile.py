"""Which server a command talks to: its options, then the profile that was named, then `ARI_*` variables, then defaults."""

import os
import ssl
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from asterisk_ari._spelling import meant
from asterisk_ari.errors import BadArgument
from asterisk_ari.settings import Secret, Settings, load

KNOWN = ("url", "username", "password", "password_file", "app_name", "ca_file", "verify", "proxy", "transport")


@dataclass(frozen=True)
class GivenAccess:
    """What the options of a command say about the server; None where they say nothing. A password is never an argument."""

    profile: str | None = None
    url: str | None = None
    username: str | None = None
    app_name: str | None = None
    ca_file: Path | None = None
    password_file: Path | None = None
    password: str | None = field(default=None, repr=False)


def profiles_file(environment: Mapping[str, str] = os.environ) -> Path:
    """Where profiles are: ARI_CONFIG, else `asterisk-ari/profiles.toml` in the user's folder for configuration."""
    if given := environment.get("ARI_CONFIG"):
        return Path(given)
    home = environment.get("XDG_CONFIG_HOME")
    return (Path(home) if home else Path.home() / ".config") / "asterisk-ari" / "profiles.toml"


def settings_of(given: GivenAccess, environment: Mapping[str, str] = os.environ) -> Settings:
    """The settings of a command.

    Raises:
        BadArgument: a profile or file that is not there or cannot be read, or a setting that cannot work.
    """
    name = given.profile or environment.get("ARI_PROFILE") or None
    values = read_profile(profiles_file(environment), name) if name else {}
    options = {"url": given.url, "username": given.username, "app_name": given.app_name}
    values |= {key: value for key, value in options.items() if value is not None}
    if given.password_file is not None:
        values["password"] = read_password(given.password_file)
    if given.password is not None:
        values["password"] = Secret.of(given.password)
    if given.ca_file is not None:
        values["verify"] = _trusting(given.ca_file)
    return load(environment, **values)


def read_profile(file: Path, name: str) -> dict[str, Any]:
    """The settings of one profile: a table of a TOML file, `[lab]`.

    Raises:
        BadArgument: there is no such file or profile, or it holds what is no setting.
    """
    try:
        tables = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadArgument(f"profile {name!r}: {file} cannot be read: {error.strerror}") from None
    except ValueError as error:
        # What it says names a line, never what stands there.
        raise BadArgument(f"profile {name!r}: {file} is no TOML: {error}") from None
    table = tables.get(name)
    if not isinstance(table, dict):
        raise BadArgument(f"{file} has no profile {name!r}; it has: {', '.join(_names(tables)) or 'none'}")
    return _read_table(file, name, table)


def profile_names(file: Path) -> list[str]:
    """The profiles of a file; none where it cannot be read."""
    try:
        return _names(tomllib.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return []


def _names(tables: dict[str, Any]) -> list[str]:
    return sorted(key for key, value in tables.items() if isinstance(value, dict))


_TEXTS = {"url", "username", "password", "password_file", "app_name", "ca_file"}


def _read_table(file: Path, name: str, table: dict[str, Any]) -> dict[str, Any]:
    if unknown := sorted(table.keys() - set(KNOWN)):
        near = meant(unknown[0], KNOWN)
        hint = f"; did you mean {near}?" if near else ""
        raise BadArgument(f"profile {name!r} in {file}: no such setting: {unknown[0]}{hint}")
    if wrong := sorted(key for key in _TEXTS & table.keys() if not isinstance(table[key], str)):
        raise BadArgument(f"profile {name!r} in {file}: {wrong[0]} must be text in quotation marks")
    values = dict(table)
    if "password" in values:
        values["password"] = Secret.of(values["password"])
    if path := values.pop("password_file", None):
        values["password"] = read_password(file.parent / Path(str(path)).expanduser())
    if path := values.pop("ca_file", None):
        values["verify"] = _trusting(file.parent / Path(str(path)).expanduser())
    if not isinstance(values.get("verify", True), bool | ssl.SSLContext):
        raise BadArgument(f"profile {name!r} in {file}: verify must be true or false; ca_file names certificates to trust")
    return values


def read_password(file: Path) -> Secret:
    """The first line of a file.

    Raises:
        BadArgument: it cannot be read.
    """
    try:
        with file.open(encoding="utf-8") as lines:
            return Secret(lines.readline().rstrip("\r\n"))
    except (OSError, UnicodeDecodeError) as error:
        raise BadArgument(f"the password file {file} cannot be read: {getattr(error, 'strerror', 'not UTF-8')}") from None


def _trusting(file: Path) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=str(file))
    except OSError as error:
        raise BadArgument(f"the certificates in {file} cannot be read: {error.strerror or error}") from None
