"""The reference's five examples, as written but for the import line, on the dialplan they assume."""

import ast
import os
import queue
import re
import signal
import subprocess
import sys
import threading
import time
import wave
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from asterisk_ari import AsteriskARI
from scripts.live import LiveAsterisk
from tests.live.calls import LIMIT, eventually, fresh

EXAMPLES = Path(__file__).resolve().with_name("programs")
RUNNER = Path(__file__).resolve().with_name("run_example.py")


class Program:
    """A running example: its lines as they come, and the end of its pauses."""

    def __init__(self, name: str, pbx: Any) -> None:
        (path,) = EXAMPLES.glob(f"{name}*.py")
        port = str(pbx.port)
        environment = {"ARI_HOST": "127.0.0.1", "ARI_PORT": port, "ARI_USERNAME": pbx.username, "ARI_PASSWORD": pbx.password}
        self.process = subprocess.Popen(
            [sys.executable, "-W", "error", str(RUNNER), str(path)],
            env={**os.environ, **environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.output = ""
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put(line)
        self._lines.put(None)

    def until(self, pattern: str, seconds: float = 30.0) -> re.Match[str]:
        """Wait for a line."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                line = self._lines.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                line = None
            assert line is not None, f"{pattern!r} never came:\n{self.output}"
            self.output += line
            if found := re.search(pattern, line):
                return found

    def go_on(self) -> None:
        """End a pause."""
        assert self.process.stdin is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()

    def end(self) -> int:
        """Wait for the end of the program, and give its exit code; it ended cleanly."""
        code = self.process.wait(LIMIT)
        self._reader.join(LIMIT)
        while (line := self._lines.get(timeout=1)) is not None:
            self.output += line
        for trace in ("Traceback", "Exception ignored", "Warning:"):
            assert trace not in self.output, self.output
        return code

    def close(self) -> None:
        """Whatever happened, nothing of it is left."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(LIMIT)
        self._reader.join(LIMIT)
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                pipe.close()


@pytest.fixture
def start(pbx: Any) -> Iterator[Callable[[str], Program]]:
    """Starts examples."""
    programs: list[Program] = []

    def run(name: str) -> Program:
        programs.append(Program(name, pbx))
        return programs[-1]

    yield run
    for program in programs:
        program.close()


@pytest.fixture
def observer(pbx: Any) -> Iterator[AsteriskARI]:
    """A second client, which hears and sees all that happens on the server."""
    options = {"url": pbx.url, "username": pbx.username, "password": pbx.password}
    with AsteriskARI(**options, app_name=fresh("observer"), subscribe_all=True) as ari:
        yield ari
        for bridge in ari.list_bridges():
            ari.destroy_bridge(bridge["id"])
        eventually(lambda: _nobody_left(ari), "channels are left")


def _nobody_left(ari: AsteriskARI) -> bool:
    """Hang up whoever is there; the far end of a call just placed may arrive later than the hangup of the near one."""
    channels = ari.list_channels()
    for channel in channels:
        ari.hangup_channel(channel["id"])
    return not channels


def test_example_1_simple_outbound_call(start: Callable[[str], Program], observer: AsteriskARI, pbx: Any) -> None:
    """The call is started: the customer is called over the trunk."""
    created: list[Any] = []
    observer.on("ChannelCreated", created.append)
    program = start("example_1")
    channel_id = program.until(r"^Call started: (\S+)$")[1]
    assert program.end() == 0
    calls = eventually(lambda: [event for event in created if event["channel"]["id"] == channel_id], "no such channel")
    assert calls[0]["channel"]["name"].startswith("PJSIP/trunk-")
    if isinstance(pbx, LiveAsterisk):  # the far end is this server again: the call arrived there
        eventually(lambda: [event for event in created if event["channel"]["name"].startswith("PJSIP/handset-")], "no ring")


def test_example_2_conference_call(start: Callable[[str], Program], observer: AsteriskARI) -> None:
    """Three participants are in one bridge; five minutes later it and they are gone."""
    program = start("example_2")
    assert program.until(r"^Conference started with (\d+) participants$")[1] == "3"
    assert program.until(r"^pause (\d+)$")[1] == "300"
    (bridge,) = observer.list_bridges()
    assert bridge["type"] == "mixing"
    members = eventually(lambda: _members(observer, bridge["id"], 3), "they are not all in the bridge")
    for channel_id in members:
        info = observer.get_channel_info(channel_id)
        assert info is not None
        assert info["state"] == "Up"
        assert re.match(r"PJSIP/user\d-", info["name"])
    program.go_on()
    assert program.end() == 0
    eventually(lambda: not observer.list_bridges(), "the bridge is left")
    for channel_id in members:
        eventually(lambda channel_id=channel_id: observer.get_channel_info(channel_id) is None, f"{channel_id} is left")


def _members(ari: AsteriskARI, bridge_id: str, count: int) -> list[str]:
    members: list[str] = ari.bridges.get(bridge_id).json["channels"]
    return members if len(members) == count else []


def test_example_3_call_recording(start: Callable[[str], Program], observer: AsteriskARI, tmp_path: Path) -> None:
    """The greeting is played, the customer is recorded, and the recording's info has format and state."""
    with observer.expect("PlaybackFinished") as played, observer.expect("RecordingStarted") as recording:
        program = start("example_3")
        assert program.until(r"^pause (\d+)$")[1] == "3"
        playback = played.result(LIMIT)["playback"]
        assert (playback["media_uri"], playback["state"]) == ("sound:custom/greeting", "done")
        program.go_on()
        name = program.until(r"^Recording: (call_\S+)$")[1]
        assert recording.result(LIMIT)["recording"]["name"] == name
    assert program.until(r"^pause (\d+)$")[1] == "60"
    time.sleep(2.5)  # of the minute; the far end is silent for two seconds at a time
    program.go_on()
    info = ast.literal_eval(program.until(r"^Recording saved: (\{.*\})$")[1])
    assert program.end() == 0
    assert (info["name"], info["format"]) == (name, "wav")
    assert info["state"] in ("done", "recording")
    eventually(lambda: observer.get_channel_info(name.removeprefix("call_")) is None, "the call is left")
    assert eventually(lambda: _finished(observer, name))["state"] == "done"
    observer.recordings.stored(name).download(tmp_path / "call.wav")
    with wave.open(str(tmp_path / "call.wav")) as audio:
        assert audio.getnframes() > audio.getframerate()
        assert any(audio.readframes(audio.getnframes())), "only silence"
    assert observer.delete_recording(name) is True


def _finished(ari: AsteriskARI, name: str) -> Any:
    info = ari.get_recording(name)
    return info if info and info["state"] == "done" else None


def test_example_4_supervisor_monitoring(start: Callable[[str], Program], observer: AsteriskARI) -> None:
    """A snoop channel on the agent's channel exists, and the supervisor's phone is called."""
    agent = "existing-agent-channel"
    created: list[Any] = []
    observer.on("ChannelCreated", created.append)
    with observer.expect("StasisStart", about=("channel", agent)) as entered:
        observer.channels.originate("Local/talk@plain", app=observer.settings.app_name, channel_id=agent)
        entered.result(LIMIT)
    program = start("example_4")
    snoop_id = program.until(r"^Supervisor monitoring channel: (\S+)$")[1]
    assert program.end() == 0

    def names() -> dict[str, str]:
        return {event["channel"]["id"]: event["channel"]["name"] for event in created}

    eventually(lambda: names().get(snoop_id, "").startswith(f"Snoop/{agent}-"), "no snoop channel")
    eventually(lambda: any(name.startswith("PJSIP/phones-") for name in names().values()), "the supervisor is not called")
    assert observer.get_channel_info(agent)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_example_5_event_driven_application(
    start: Callable[[str], Program], observer: AsteriskARI, number: signal.Signals
) -> None:
    """A call is answered, welcomed and recorded; its end is handled; SIGTERM and Ctrl-C end the program cleanly."""
    program = start("example_5")
    program.until("Starting ARI application")
    eventually(lambda: _stops_by_signal(program), "it does not run its loop")
    with observer.expect("RecordingStarted") as recording, observer.expect("PlaybackFinished") as played:
        caller = observer.channels.originate("Local/aiagc@stasis", context="plain", extension="talk", caller_id="Bob <1002>")
        program.until(r"New call from: 1002")
        playback = played.result(LIMIT)["playback"]
        assert (playback["media_uri"], playback["state"]) == ("sound:custom/welcome", "done")
        name = recording.result(LIMIT)["recording"]["name"]
    channel_id = playback["target_uri"].removeprefix("channel:")
    assert name == f"call_{channel_id}"
    assert observer.get_channel_info(channel_id)["state"] == "Up"  # type: ignore[index]
    with observer.expect("ChannelDestroyed", about=("channel", channel_id)) as gone:
        caller.hangup()
        assert program.until(r"Call ended: (\S+)")[1] == channel_id
        gone.result(LIMIT)
    program.process.send_signal(number)
    assert program.end() == 0
    eventually(lambda: "aiagc" not in [app.id for app in observer.applications.list()], "the app is left")
    observer.delete_recording(name)


def _stops_by_signal(program: Program) -> bool:
    """Whether the program has come so far as to catch SIGTERM: it is in its event loop."""
    status = Path(f"/proc/{program.process.pid}/status").read_text()
    caught = int(re.search(r"^SigCgt:\s*(\w+)$", status, re.MULTILINE)[1], 16)  # type: ignore[index]
    return bool(caught >> (signal.SIGTERM - 1) & 1)
