"""docs/embedded.md is correct: its example runs, its table is computed, every event has a model."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ari_rest._meta import EVENT_TYPES, OPERATIONS, parse_event
from asterisk_ari.testing import EmbeddedAsterisk
from asterisk_ari.testing.operations.all_operations import HANDLERS
from scripts import embedded_coverage
from tests.embedded.support import Client
from tests.embedded.user_tests import run_tests
from tests.events.variants import eventually
from tests.scripts.dialect import ROOT

PAGE = ROOT / "docs" / "embedded.md"


def test_the_table_is_up_to_date() -> None:
    assert embedded_coverage.main(["--check"]) == 0


def test_a_stale_table_is_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The check fails and names the command that renders the page again, which the command then does."""
    stale = tmp_path / "embedded.md"
    stale.write_text(PAGE.read_text().replace("| applications | 5", "| applications | 4"))
    monkeypatch.setattr(embedded_coverage, "PAGE", stale)
    assert embedded_coverage.main(["--check"]) == 1
    assert "python -m scripts.embedded_coverage" in capsys.readouterr().err
    assert embedded_coverage.main([]) == 0
    assert stale.read_text() == PAGE.read_text()


def test_every_handler_serves_a_known_operation() -> None:
    assert set(HANDLERS) <= set(OPERATIONS)


def test_the_example_runs(tmp_path: Path) -> None:
    for code in re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL):
        name = re.match(r"# (\w+\.py)\n", code)
        assert name is not None
        (tmp_path / name[1]).write_text(code)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    done = run_tests(tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_program_of_the_example_runs(tmp_path: Path) -> None:
    """It serves a call, and Ctrl-C ends it."""
    program = next(
        code for code in re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL) if code.startswith("# ivr.py")
    )
    (tmp_path / "ivr.py").write_text(program)
    with EmbeddedAsterisk() as asterisk:
        start = f"import ivr; ivr.main(url={asterisk.url!r}, username={asterisk.username!r}, password={asterisk.password!r})"
        with subprocess.Popen([sys.executable, "-c", start], cwd=tmp_path, stderr=subprocess.PIPE, text=True) as running:
            try:
                eventually(lambda: "ivr" in asterisk.run_in_server(lambda: dict(asterisk.machine.apps)))
                phone = asterisk.incoming_call(app="ivr")
                eventually(lambda: any("sound:press-1" in str(event) for event in asterisk.events))
                phone.press("1")
                eventually(lambda: phone.ended)
            finally:
                running.send_signal(signal.SIGINT)
            assert (running.wait(20), running.stderr.read() if running.stderr else "") == (0, "")


def test_every_event_has_a_model(asterisk: EmbeddedAsterisk, client: Client) -> None:
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
