"""Asterisk's configuration files: sections, values, and their line numbers. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_SECTION = re.compile(r"\[([^\]]+)\]\s*(?:\(([^)]*)\))?")
_TRUE = frozenset({"yes", "true", "y", "t", "1", "on"})


@dataclass(frozen=True)
class ConfValue:
    """A value and the number of its line."""

    text: str = field(repr=False)  # it may be a password
    line: int

    @property
    def is_true(self) -> bool:
        """Whether Asterisk reads the value as true."""
        return self.text.lower() in _TRUE


@dataclass(frozen=True)
class ConfFile:
    """One file: the values of each section; the last one where a key is repeated."""

    name: str
    sections: dict[str, dict[str, ConfValue]]

    def value(self, section: str, key: str) -> ConfValue | None:
        """A value, or None."""
        return self.sections.get(section, {}).get(key.lower())


def read_conf(name: str, text: str) -> ConfFile:
    """Read a file as Asterisk does: `;` begins a comment unless escaped, `=` and `=>` are equivalent, templates are inherited."""
    sections: dict[str, dict[str, ConfValue]] = {}
    current: dict[str, ConfValue] = {}
    for number, line in _lines(text):
        if section := _SECTION.match(line):
            parents = [parent.strip() for parent in (section[2] or "").split(",")]
            current = sections.setdefault(section[1], {})
            for parent in parents:
                current.update(sections.get(parent, {}))
        elif "=" in line:
            key, _, value = line.partition("=")
            current[key.strip().lower()] = ConfValue(value.removeprefix(">").strip().replace("\\;", ";"), number)
    return ConfFile(name, sections)


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Lines without comments; `;--` and `--;` enclose several."""
    is_comment = False
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw
        if is_comment:
            _, end, line = line.partition("--;")
            if not end:
                continue
            is_comment = False
        if re.match(r"\s*;--(?!-)", line) and "--;" not in line:
            is_comment = True
            continue
        if line := re.split(r"(?<!\\);", line, maxsplit=1)[0].strip():
            yield number, line
