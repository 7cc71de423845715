"""Whether a request matches a recorded one. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from asterisk_ari.testing.replay.identities import Identities


@dataclass(frozen=True)
class AskedRequest:
    """The contents of a request, with parameters of query and body treated alike."""

    method: str
    path: str
    parameters: Mapping[str, str]

    def __str__(self) -> str:
        given = " ".join(f"{name}={value}" for name, value in self.parameters.items())
        return f"{self.method} {self.path}{' ' if given else ''}{given}"


def asked(request: Mapping[str, Any]) -> AskedRequest:
    """Return the contents of a request with `method`, `path`, and optionally `query` and `body`."""
    body = request.get("body")
    given = {**request.get("query", {}), **(body if isinstance(body, Mapping) else {"(body)": body} if body else {})}
    return AskedRequest(request["method"], request["path"], {name: _text(value) for name, value in given.items()})


def _text(value: Any) -> str:
    """Return a value as in a query, so that it does not matter where it was given."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return ",".join(map(_text, value))
    if isinstance(value, Mapping):
        return " ".join(f"{name}={_text(item)}" for name, item in sorted(value.items()))
    return str(value)


class RequestMatch:
    """A recorded request compared with a current one: `ids` are the pairs that would have to correspond."""

    def __init__(self, recorded: AskedRequest, now: AskedRequest, chosen: frozenset[str], known: Identities) -> None:
        self._chosen, self._known = chosen, known
        self.ids: dict[str, str] = {}
        self.has_same_path: bool = recorded.method == now.method and self._paths_agree(recorded.path, now.path)
        self.differing: tuple[str, ...] = self._differing(recorded.parameters, now.parameters) if self.has_same_path else ()

    @property
    def is_same(self) -> bool:
        """Whether both ask for the same."""
        return self.has_same_path and not self.differing

    def _paths_agree(self, recorded: str, now: str) -> bool:
        before, after = recorded.split("/"), now.split("/")
        return len(before) == len(after) and all(map(self._agree, before, after))

    def _differing(self, recorded: Mapping[str, str], now: Mapping[str, str]) -> tuple[str, ...]:
        names = dict.fromkeys([*recorded, *now])
        return tuple(
            f"{name} {now.get(name, '(none)')}, recorded {self._known.translated(recorded.get(name, '(none)'))}"
            for name in names
            if name not in recorded or name not in now or not self._agree(recorded[name], now[name])
        )

    def _agree(self, recorded: str, now: str) -> bool:
        if recorded in self.ids:
            return self.ids[recorded] == now
        if recorded in self._chosen and not self._known.is_taken(now):
            self.ids[recorded] = now
            return True
        return bool(self._known.translated(recorded) == now)
