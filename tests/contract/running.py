"""Runs scenarios on a server, and keeps the recorded transcripts."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
from pathlib import Path

from tests.contract import transcript
from tests.contract.driver import Missing, PassTime, Server
from tests.contract.phones import Phones
from tests.contract.scenarios import Scenario

EXPECTED = Path(__file__).with_name("expected")
RECORDED = ("16.28.0", "22.10.1")
_numbers = itertools.count(os.getpid() * 1000)


def fresh_token() -> str:
    """A token that makes the names of a run unique on the server."""
    return f"x{next(_numbers) % 0xFFFFFF:06x}"


def run(scenario: Scenario, url: str, pass_time: PassTime | None = None, phones: Phones | None = None) -> transcript.Transcript:
    """Run a scenario on the server at an address, with its phones if it needs any; returns the transcript."""
    server = Server(url, fresh_token(), pass_time, phones if scenario.has_phones else None)
    with server.session(listen=scenario.listen):
        with contextlib.suppress(Missing):  # the transcript ends with what did not happen
            scenario.run(server)
    return transcript.of(server)


def stored(family: str, release: str) -> dict[str, transcript.Transcript]:
    """The transcripts recorded from a real server of a release, by scenario."""
    path = EXPECTED / f"{family}-{release}.json"
    return json.loads(path.read_text()) if path.exists() else {}


def _line(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def store(family: str, release: str, transcripts: dict[str, transcript.Transcript]) -> None:
    """Write transcripts with one line for each step and event, so that diffs are readable."""
    out = ["{"]
    for number, (name, one) in enumerate(sorted(transcripts.items())):
        out.append(f"{json.dumps(name)}: {{")
        out.append('"steps": [')
        out.append(",\n".join(map(_line, one["steps"])))
        out.append('],\n"events": {')
        streams = [
            f"{json.dumps(key, ensure_ascii=False)}: [\n" + ",\n".join(map(_line, events)) + "\n]"
            for key, events in one["events"].items()
        ]
        out.append(",\n".join(streams))
        out.append("}}" + ("," if number + 1 < len(transcripts) else ""))
    out.append("}\n")
    (EXPECTED / f"{family}-{release}.json").write_text("\n".join(out))
