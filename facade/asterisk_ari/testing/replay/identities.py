"""Ids that a program makes up are others each time: which one now stands for which recorded one. Pure."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from asterisk_ari._core.ladder.recording import RecordedEntry


class Identities:
    """Recorded ids and those in their place now."""

    def __init__(self) -> None:
        self._now: dict[str, str] = {}
        self._pattern: re.Pattern[str] | None = None

    def translated(self, value: Any) -> Any:
        """JSON as it was recorded, with the ids of now, also inside texts such as `channel:ID`."""
        if self._pattern is None:
            return value
        if isinstance(value, str):
            return self._pattern.sub(lambda found: self._now[found[0]], value)
        if isinstance(value, Mapping):
            return {key: self.translated(item) for key, item in value.items()}
        return [self.translated(item) for item in value] if isinstance(value, list) else value

    def is_taken(self, identity: str) -> bool:
        """Whether it stands for a recorded id already."""
        return identity in self._now.values()

    def bind(self, pairs: Mapping[str, str]) -> None:
        """From now on these, recorded → now, stand for each other."""
        self._now |= {recorded: now for recorded, now in pairs.items() if recorded != now}
        if self._now:
            either = "|".join(re.escape(one) for one in sorted(self._now, key=len, reverse=True))
            self._pattern = re.compile(rf"(?<![\w-])(?:{either})(?![\w-])")


def made_up_ids(entries: Sequence[RecordedEntry]) -> list[frozenset[str]]:
    """For each entry the ids of objects that it is the first to name, where it is a request: the program has chosen them."""
    ids = {found for entry in entries for found in _ids((entry.event, entry.answer))}
    seen: set[str] = set()
    chosen: list[frozenset[str]] = []
    for entry in entries:
        named = set(_request_texts(entry.request)) if entry.request is not None else set()
        chosen.append(frozenset((named & ids) - seen))
        seen |= named
        seen.update(_ids((entry.event, entry.answer)))
    return chosen


def _ids(value: Any) -> Iterator[str]:
    """The ids of all objects in there, and the names of recordings, which have no id."""
    if isinstance(value, Mapping):
        own = value.get("id") or ("format" in value and "target_uri" in value and value.get("name"))
        if isinstance(own, str):
            yield own
        yield from _ids(list(value.values()))
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _ids(item)


def _request_texts(request: Mapping[str, Any]) -> Iterable[str]:
    body = request.get("body")
    parameters = {**request.get("query", {}), **(body if isinstance(body, Mapping) else {})}
    return [*str(request["path"]).split("/"), *(value for value in parameters.values() if isinstance(value, str))]
