"""Parses the release of a version string, and tells whether an element is in it. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from ari_rest._meta import RELEASES

_FINAL = re.compile(r"(\d+)\.(\d+)\.(\d+)(?![.\d])(?![-~+.]?(?:rc|beta|alpha|pre))")


@dataclass(frozen=True, slots=True)
class Release:
    """A final release; `branch` is its major version."""

    branch: int
    minor: int
    patch: int

    @classmethod
    def of(cls, version: str) -> "Release | None":
        """Parse the release of a version string, with or without a distribution suffix; None for certified, GIT and other
        builds."""
        match = _FINAL.match(version.strip())
        return cls(*map(int, match.groups())) if match else None

    def __str__(self) -> str:
        return f"{self.branch}.{self.minor}.{self.patch}"

    def has(self, branches: Mapping[str, str]) -> bool:
        """Whether an element is in this release, given the first release of each branch that has it.

        A branch newer than all known ones has what the newest known one has.
        """
        first = branches.get(str(self.branch))
        if first is None:
            return self.branch > _NEWEST_BRANCH and str(_NEWEST_BRANCH) in branches
        return (self.branch, self.minor, self.patch) >= _numbers(first)

    @property
    def is_newer_than_known(self) -> bool:
        """Whether it is newer than the known releases of its branch, and so may have more than is known."""
        known = _NEWEST.get(self.branch)
        return self.branch > _NEWEST_BRANCH if known is None else (self.branch, self.minor, self.patch) > known


@cache
def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


# Certified and GIT builds may be among them: what such a build has says nothing about a branch.
_NEWEST = {numbers[0]: numbers for numbers in sorted(_numbers(release) for release in RELEASES if Release.of(release))}
_NEWEST_BRANCH = max(_NEWEST)


def since(branches: Mapping[str, str]) -> str:
    """Return text such as `20.16, 21.11, 22.6 or 23.0`; branches after one that had it from its first release are omitted."""
    shown = [first.removesuffix(".0") if first.count(".") == 2 else first for first in branches.values()]
    ordered = sorted(dict.fromkeys(shown), key=_numbers)
    # Branches after one that had it from its first release have it too: name that first one only.
    kept: list[str] = []
    for text in ordered:
        if text.endswith(".0") and kept and kept[-1].endswith(".0"):
            continue
        kept.append(text)
    return " or ".join([", ".join(kept[:-1]), kept[-1]] if len(kept) > 1 else kept)
