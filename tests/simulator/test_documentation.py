"""The page tells the truth: its example runs, its table is computed, every event is one of the models."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from ari_rest._meta import EVENT_TYPES, OPERATIONS, parse_event
from asterisk_ari.testing import EmbeddedAsterisk
from asterisk_ari.testing.operations.loading import HANDLERS
from scripts import embedded_coverage
from tests.scripts.dialect import ROOT
from tests.simulator.support import Client

PAGE = ROOT / "docs" / "embedded.md"


def test_the_table_is_up_to_date() -> None:
    assert embedded_coverage.main(["--check"]) == 0


def test_the_check_bites(monkeypatch: object) -> None:
    assert embedded_coverage.rendered(PAGE.read_text().replace("| applications | 5", "| applications | 4")) == PAGE.read_text()


def test_no_handler_serves_what_no_release_has() -> None:
    assert set(HANDLERS) <= set(OPERATIONS)


def test_the_example_runs(tmp_path: Path) -> None:
    for code in re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL):
        name = re.match(r"# (\w+\.py)\n", code)
        assert name is not None
        (tmp_path / name[1]).write_text(code)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:asyncio",
        "--rootdir",
        str(tmp_path),
        str(tmp_path),
    ]
    if not _plugin_is_installed():
        command += ["-p", "asterisk_ari.testing.pytest_plugin"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def _plugin_is_installed() -> bool:
    from importlib.metadata import entry_points

    return any(point.value == "asterisk_ari.testing.pytest_plugin" for point in entry_points(group="pytest11"))


def test_events_and_bodies_are_those_of_the_models(asterisk: EmbeddedAsterisk, client: Client) -> None:
    client.listen("app", subscribeAll="true")
    call = client.call()
    client("POST", "bridges/b?type=mixing&name=n")
    client("POST", f"channels/{call}/play?media=sound:beep,sound:beep")
    asterisk.advance(2)
    client("POST", f"channels/{call}/record?name=r&format=wav&maxDurationSeconds=1")
    asterisk.advance(5)
    client("POST", f"bridges/b/addChannel?channel={call}")
    client("POST", "events/user/hello?application=app&source=channel:" + call, {"variables": {"a": "b"}})
    client("PUT", "deviceStates/Stasis:d?deviceState=INUSE")
    client("POST", f"channels/{call}/dtmf?dtmf=1")
    asterisk.advance(1)
    client("DELETE", f"channels/{call}")
    client("DELETE", "bridges/b")
    asterisk.advance(1)
    types = set(asterisk.events.types)
    assert {"StasisStart", "PlaybackContinuing", "RecordingFinished", "ChannelEnteredBridge", "ChannelDestroyed"} <= types
    for event in asterisk.events:
        assert event["type"] in EVENT_TYPES
        assert type(parse_event(event)).__name__ == event["type"]
