"""docs/examples/voicebot.py, as a program of its own: for a real server and the embedded one."""

import itertools
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.live.calls import eventually
from tests.media.espeak import stand_in
from tests.media.tones import loudness, tone

PROGRAM = Path(__file__).resolve().parents[2] / "docs/examples/voicebot.py"
MOST_LINES = 45
QUIET = 150


def the_voice_agent_works(ari: Any, server: Any, folder: Path) -> None:
    """It greets, is interrupted, answers by what it heard, and hangs up; a caller may, too: then it ends cleanly.

    Calls enter its app by the dialplan's context `stasis`.
    """
    assert len(PROGRAM.read_text(encoding="utf-8").splitlines()) <= MOST_LINES
    path = os.environ["PATH"] if shutil.which("espeak-ng") else f"{Path(stand_in(folder)).parent}{os.pathsep}{os.environ['PATH']}"
    settings = {"ARI_URL": server.url, "ARI_USERNAME": server.username, "ARI_PASSWORD": server.password, "PATH": path}
    command = [sys.executable, "-W", "error", "-u", str(PROGRAM)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, env={**os.environ, **settings}, stdout=pipe, stderr=pipe, text=True) as bot:
        try:
            eventually(lambda: any(app.id == "voicebot" for app in ari.applications.list()), "the program never connected")
            _a_conversation(ari, bot)
            other = _call(ari)
            with ari.media(other, rate=8000) as media:
                assert _hears_something(media)
                other.hangup()
            eventually(lambda: _has_no_media(ari), "the bot has left a leg or a bridge")
        finally:
            bot.send_signal(signal.SIGTERM)
        _, errors = bot.communicate(timeout=30)
    assert (0, "") == (bot.returncode, errors)


def _a_conversation(ari: Any, bot: "subprocess.Popen[str]") -> None:
    assert bot.stdout is not None
    with ari.media(_call(ari), rate=8000) as media:
        assert _hears_something(media)
        media.say(tone(400, 300, 8000)).wait()
        assert re.fullmatch(r"interrupted after \d+ ms\n", bot.stdout.readline())
        assert re.fullmatch(r"\d+ ms: hours\n", bot.stdout.readline())
        for _ in itertools.islice(media, 50):
            pass
        assert _hears_something(media)
        media.say(tone(400, 3000, 8000)).wait()
        assert re.fullmatch(r"interrupted after \d+ ms\n", bot.stdout.readline())
        assert re.fullmatch(r"\d+ ms: bye\n", bot.stdout.readline())
        for _ in media:
            pass  # it hangs up


def _call(ari: Any) -> Any:
    return ari.channels.originate("Local/voicebot@stasis", app=ari.settings.app_name, formats="ulaw")


def _hears_something(media: Any) -> bool:
    """Whether something is said within 20 s."""
    return any(loudness(frame.pcm) > QUIET for frame in itertools.islice(media, 1000))


def _has_no_media(ari: Any) -> bool:
    return not [one for one in (*ari.channels.list(), *ari.bridges.list()) if one.id.startswith("media-")]
