"""Runs commands in this process, and reads what they print as a user does."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from asterisk_ari.__main__ import main


@dataclass
class Ran:
    """What a command left: its exit status, and what it wrote."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    def finding(self, check: str) -> dict[str, Any]:
        """The worst finding of a check of `doctor --json`."""
        order = ["ok", "note", "warning", "fault"]
        found = [one for one in self.json["findings"] if one["check"] == check]
        assert found, f"no finding of {check!r} in {self.out}"
        return max(found, key=lambda one: order.index(one["level"]))


Run = Callable[..., Ran]


def runner(capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command: `run("doctor", "--json")`."""

    def run_command(*arguments: str) -> Ran:
        capsys.readouterr()
        status = main(list(arguments))
        written = capsys.readouterr()
        return Ran(status, written.out, written.err)

    return run_command
