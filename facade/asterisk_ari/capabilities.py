"""What the connected server supports: by its release if known, otherwise by its own definitions."""

import logging
import sys
import warnings
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ari_rest._meta import OPERATIONS, Parameter
from asterisk_ari._core.requests.guards import text_of
from asterisk_ari._core.requests.naming import accepted_names
from asterisk_ari._core.requests.release import Release, since
from asterisk_ari.errors import BadArgument, NotSupportedByServer
from asterisk_ari.settings import VersionCheck

# What the server lacks, and the first release of each branch that supports it.
Missing = tuple[str, Mapping[str, str]]

_log = logging.getLogger("asterisk_ari.capabilities")


class Capabilities:
    """Tells whether the connected server supports an operation, a parameter, or a value.

    Args:
        version: the version the server reports, `20.15.2` or `22.10.1~dfsg+…`.
        definitions: for builds without a release number (certified, GIT): the contents of the server's own definitions,
            `{"channels.play": {"media": ["…allowed values"], …}}`.
        mode: "error" refuses, "warn" warns, "off" allows everything.

    Example:
        >>> ari.capabilities.supports("channels.progress")
        False
    """

    def __init__(
        self,
        version: str = "",
        *,
        definitions: Mapping[str, Mapping[str, Iterable[str]]] | None = None,
        mode: VersionCheck = "error",
    ) -> None:
        self.version = version
        self.mode: VersionCheck = mode
        self.release: Release | None = Release.of(version)
        self._definitions = definitions if self.release is None else None
        self._looked_up: dict[tuple[str, str | None, str | None], Missing | None] = {}
        # Operations with the parameters given that were checked already: their values make no difference.
        self._supported: set[tuple[str, ...]] = set()

    @classmethod
    def unknown(cls, mode: VersionCheck = "error") -> "Capabilities":
        """Return capabilities of an unknown server, which allow everything."""
        return cls("", mode=mode)

    @property
    def needs_definitions(self) -> bool:
        """Whether the version string is not enough to tell what the server supports."""
        return bool(self.version) and self.release is None and self._definitions is None

    def supports(self, operation: str, parameter: str | None = None, value: str | None = None) -> bool:
        """Whether the server has the operation, its parameter, a value of that parameter.

        Args:
            operation: name in the definitions, `channels.progress`.
            parameter: any accepted spelling, `offsetms` or `offset_ms`.
            value: one of the parameter's values.

        Returns:
            Also True if nothing is known about the server.

        Raises:
            BadArgument: no release has such an operation or parameter.
        """
        if operation not in OPERATIONS:
            raise BadArgument(f"no release has an operation {operation!r}")
        if parameter is not None and parameter not in accepted_names(operation):
            raise BadArgument(f"no release has a parameter {parameter!r} of {operation}", operation=operation)
        name = accepted_names(operation)[parameter] if parameter else None
        return self._missing(operation, name, value) is None

    def check(self, operation: str, parameters: Mapping[str, Any]) -> None:
        """Refuse (or warn about) anything the server does not support, before it is sent.

        Raises:
            NotSupportedByServer: the message names the release and what is needed.
            BadArgument: a value that no release supports.
        """
        call = (operation, *parameters)
        if call in self._supported or self.mode == "off" or (self.release is None and self._definitions is None):
            return
        names = accepted_names(operation)
        missing = self._missing(operation, None, None)
        values_matter = False
        for key, given in parameters.items():
            parameter = OPERATIONS[operation].params[names[key]]
            values_matter = values_matter or given is None or bool(parameter.known_values)
            if missing is None and given is not None:
                missing = self._missing(operation, parameter.name, None)
                for value in _values(parameter, given):
                    self._refuse_unknown(operation, parameter, value)
                    missing = missing or self._missing(operation, parameter.name, value)
        if missing is not None:
            self._complain(*missing)
        elif not values_matter:
            self._supported.add(call)

    def _refuse_unknown(self, operation: str, parameter: Parameter, value: str) -> None:
        if self.release is not None and self.release.is_newer_than_known:
            return
        declared = (self._definitions or {}).get(operation, {}).get(parameter.name, ())
        if value not in parameter.known_values and value not in declared and self.mode == "error":
            allowed = ", ".join(parameter.known_values)
            message = f"{parameter.name} {value!r} is not one of {allowed}"
            raise BadArgument(message, operation=operation, parameter=parameter.name)

    def _missing(self, operation: str, name: str | None, value: str | None) -> Missing | None:
        if value is not None and name is not None and value not in OPERATIONS[operation].params[name].known_values:
            return None
        element = operation, name, value
        if element not in self._looked_up:
            self._looked_up[element] = self._look_up(*element)
        return self._looked_up[element]

    def _look_up(self, operation: str, name: str | None, value: str | None) -> Missing | None:
        facts = OPERATIONS[operation]
        parameter = facts.params[name] if name else None
        if parameter is None:
            return self._lacks(operation, facts.availability, lambda known: operation in known)
        label = f"{parameter.name} of {operation}"
        if value is None:
            return self._lacks(label, parameter.availability, lambda known: parameter.name in known.get(operation, {}))
        return self._lacks(
            f"{parameter.name}={value} of {operation}",
            parameter.value_availability.get(value, parameter.availability),
            lambda known: _allows(known.get(operation, {}).get(parameter.name), value),
        )

    def _lacks(self, label: str, branches: Mapping[str, str], is_declared: Callable[[Any], bool]) -> Missing | None:
        if self.release is not None:
            return None if self.release.has(branches) else (label, branches)
        if self._definitions is not None:
            return None if is_declared(self._definitions) else (label, branches)
        return None

    def _complain(self, label: str, branches: Mapping[str, str]) -> None:
        this = str(self.release) if self.release else self.version
        text = f"{label} needs {since(branches)}; this is {this}"
        if self.mode == "warn":
            warnings.warn(text, stacklevel=_levels_to_program())
            _log.warning(text)
            return
        raise NotSupportedByServer(text, element=label, release=this, needs=branches)

    def __repr__(self) -> str:
        return f"Capabilities({self.version!r})"


def _levels_to_program() -> int:
    """The number of stack levels up to the first function outside this package, whose line a warning should name."""
    package = __name__.partition(".")[0]
    levels, frame = 1, sys._getframe(1)
    while frame.f_back is not None and frame.f_globals.get("__name__", "").partition(".")[0] == package:
        levels, frame = levels + 1, frame.f_back
    return levels


def _allows(declared: Iterable[str] | None, value: str) -> bool:
    """Whether a parameter with these declared values accepts the value; one without declared values accepts any."""
    values = None if declared is None else list(declared)
    return values is not None and (not values or value in values)


def _values(parameter: Parameter, given: Any) -> list[str]:
    if not parameter.known_values:
        return []
    items = given if isinstance(given, list | tuple | set | frozenset) else [given]
    return [text_of(item) if isinstance(item, str | int) else str(item) for item in items]
