"""The order of releases, on which the client's bytes depend."""

import itertools

import pytest

from scripts.facts import release_key

ORDERED = [
    "13.38.3",
    "20.7.1",
    "certified-20.7-cert1",
    "certified-20.7-cert9",
    "certified-20.7-cert11",
    "20.9.0",
    "20.15.2",
    "GIT-20-9f31e07",
    "GIT-20-abcdef0",
    "23.4.1",
    "GIT-master-0a1b2c3",
]


@pytest.mark.parametrize("releases", [ORDERED[::-1], sorted(ORDERED)])
def test_releases_and_builds_have_one_order(releases: list[str]) -> None:
    """Numbers count as numbers, a commit does not; a GIT build is the newest of its branch, one of no numbered branch of all."""
    assert sorted(releases, key=release_key) == ORDERED


def test_no_two_releases_are_equal() -> None:
    """Releases of the same numbers are told apart by name: their order is not left to the folder they were read from."""
    pairs = itertools.combinations([*ORDERED, "certified-20.7.1"], 2)
    assert [pair for pair in pairs if release_key(pair[0]) == release_key(pair[1])] == []
