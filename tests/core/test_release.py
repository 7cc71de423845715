"""Version strings, and which releases have an element."""

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ari_rest._meta import OPERATIONS
from asterisk_ari._core.requests.release import Release, since

NUMBER = st.integers(0, 99)
RELEASE = st.builds(Release, st.integers(13, 26), NUMBER, NUMBER)
BRANCHES = [facts.availability for facts in OPERATIONS.values()] + [
    parameter.availability for facts in OPERATIONS.values() for parameter in facts.params.values()
]


@pytest.mark.parametrize(
    ("version", "release"),
    [
        ("20.15.2", Release(20, 15, 2)),
        ("22.10.1~dfsg+~cs6.15.60671435-1", Release(22, 10, 1)),
        ("18.26.4-vici", Release(18, 26, 4)),
        (" 13.38.3 ", Release(13, 38, 3)),
        ("16.28.0~dfsg-0+deb11u4", Release(16, 28, 0)),
        ("22.0.0-rc1", None),
        ("22.0.0~rc2", None),
        ("22.0.0rc2", None),
        ("22.0.0-beta1", None),
        ("23.0.0-pre1", None),
        ("certified-20.7-cert11", None),
        ("certified/20.7-cert3", None),
        ("GIT-20-1a2b3c", None),
        ("20.15", None),
        ("20.15.2.1", None),
        ("", None),
    ],
)
def test_what_a_version_string_stands_for(version: str, release: Release | None) -> None:
    """Final releases, distributions' additions and all; nothing for builds that are none."""
    assert release == Release.of(version)


@given(RELEASE)
def test_a_release_is_read_as_it_is_written(release: Release) -> None:
    """Back and forth."""
    assert release == Release.of(str(release))


@given(st.text())
def test_any_version_string_is_survived(version: str) -> None:
    """Whatever a server calls itself."""
    release = Release.of(version)
    assert release is None or 0 <= release.branch


@given(RELEASE, RELEASE, st.sampled_from(BRANCHES))
def test_what_a_release_has_the_later_ones_of_its_branch_have(one: Release, other: Release, branches: dict[str, str]) -> None:
    """Nothing was ever removed."""
    earlier, later = sorted((one, other), key=lambda release: (release.minor, release.patch))
    later = Release(earlier.branch, later.minor, later.patch)
    assert not earlier.has(branches) or later.has(branches)


@given(st.sampled_from(BRANCHES), st.integers(24, 99), NUMBER, NUMBER)
def test_newer_branches_have_what_the_newest_known_branch_has(
    branches: dict[str, str], branch: int, minor: int, patch: int
) -> None:
    """Line 24 and later come after all that is known."""
    assert ("23" in branches) == Release(branch, minor, patch).has(branches)
    assert Release(branch, minor, patch).is_newer_than_known


@given(st.sampled_from(BRANCHES))
def test_the_first_release_of_each_branch_has_it(branches: dict[str, str]) -> None:
    """And the one before it has not."""
    for first in branches.values():
        release = Release.of(first)
        assert release is not None
        assert release.has(branches)
        before = (release.minor, release.patch - 1) if release.patch else (release.minor - 1, 99)
        assert before[0] < 0 or not Release(release.branch, *before).has(branches)


@pytest.mark.parametrize(
    ("branches", "text"),
    [
        ({"20": "20.16.0", "21": "21.11.0", "22": "22.6.0", "23": "23.0.0"}, "20.16, 21.11, 22.6 or 23.0"),
        ({"13": "13.0.0", "14": "14.0.0", "22": "22.0.0"}, "13.0"),
        ({"13": "13.3.0", "14": "14.0.0", "15": "15.0.0"}, "13.3 or 14.0"),
        ({"20": "20.20.0", "22": "22.10.0", "23": "23.4.0"}, "20.20, 22.10 or 23.4"),
        ({"21": "21.12.3"}, "21.12.3"),
        ({"20": "20.10.0"}, "20.10"),
    ],
)
def test_since_when_in_words(branches: dict[str, str], text: str) -> None:
    """Each branch that got it later is named, and the first that had it from the start."""
    assert text == since(branches)


@given(st.sampled_from(BRANCHES))
def test_the_words_name_what_is_true(branches: dict[str, str]) -> None:
    """Each release named has it, and in the order of the branches."""
    named = since(branches).replace(" or ", ", ").split(", ")
    releases = [Release.of(text if text.count(".") == 2 else f"{text}.0") for text in named]
    assert all(release is not None and release.has(branches) for release in releases)
    assert sorted(named, key=lambda text: int(text.split(".")[0])) == named


def test_builds_that_are_no_release_may_be_among_those_known() -> None:
    """A client made from a GIT or certified build too can be imported, and knows the branches' newest releases as before."""
    code = (
        "from ari_rest import _meta; _meta.RELEASES = ('certified-20.7-cert11', *_meta.RELEASES, 'GIT-24-abc');"
        "from asterisk_ari._core.requests.release import Release; print([Release.of(v).is_newer_than_known for v in ('23.4.1', '23.4.2')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("[False, True]\n", "")
