"""The comparison of the public API with the last release: what it finds, and when a version may break it."""

from pathlib import Path

import pytest

from scripts import api

RELEASED = '''
"""The package."""
from asterisk_ari._parts import Channel
__all__ = ["Channel", "connect"]

def connect(host, port=8088):
    """Connect."""

def _internal(name):
    """Not public."""
'''
PARTS = '''
"""Its parts."""

class Channel:
    """A channel."""

    def hangup(self, reason=None):
        """Hang up."""
'''


def package(folder: Path, package: str = RELEASED, parts: str = PARTS) -> Path:
    (folder / "asterisk_ari").mkdir(parents=True)
    (folder / "asterisk_ari/__init__.py").write_text(package, encoding="utf-8")
    (folder / "asterisk_ari/_parts.py").write_text(parts, encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("old", "new", "name"),
    [
        ("def connect(host, port=8088)", "def connect_to(host, port=8088)", "connect"),
        ("def connect(host, port=8088)", "def connect(host, port)", "port"),
        ("def connect(host, port=8088)", "def connect(address, port=8088)", "host"),
        ("def connect(host, port=8088)", "def connect(host, user, port=8088)", "user"),
        ("    def hangup(", "    def hang_up(", "hangup"),
        ("reason=None", "why=None", "reason"),
    ],
)
def test_what_programs_may_miss_is_found(old: str, new: str, name: str, tmp_path: Path) -> None:
    """A name that is gone or takes other arguments is reported, in private modules too when the package exports it."""
    before = package(tmp_path / "before")
    after = package(tmp_path / "after", RELEASED.replace(old, new), PARTS.replace(old, new))
    found = api.breaks(before, after)
    assert [line for line in found if name in line] != [], found


def test_what_nobody_can_miss_is_not(tmp_path: Path) -> None:
    """New names, new optional arguments and private names break nothing."""
    more = RELEASED.replace("port=8088", "port=8088, tls=False").replace("_internal(name)", "_other()")
    after = package(tmp_path / "after", more + "\n\ndef listen():\n    pass\n")
    assert api.breaks(package(tmp_path / "before"), after) == []


@pytest.mark.parametrize(
    ("released", "now", "may"),
    [
        ("0.1.0", "0.1.1", False),
        ("0.1.0", "0.2.0", True),
        ("0.9.3", "1.0.0", True),
        ("1.4.0", "1.5.0", False),
        ("1.4.0", "2.0.0", True),
        ("2.0.0", "2.0.0", False),
    ],
)
def test_which_versions_may_break(released: str, now: str, may: bool) -> None:
    assert api.may_break(released, now) is may
