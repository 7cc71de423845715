"""The programs on the pages of the documentation run as they stand there, and print what the pages say."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from asterisk_ari.testing import EmbeddedAsterisk, tone
from scripts.brokers import Broker
from tests.embedded.user_tests import run_tests

DOCS = Path(__file__).resolve().parents[2] / "docs"
FOLDERS = ("start", "tutorials", "how-to", "explanation")
PROGRAM = re.compile(r'```python title="(\w+\.py)"\n(.*?)```(?:(?:(?!```python).)*?```text title="output"\n(.*?)```)?', re.DOTALL)
ENDPOINTS = {"alice": "answers", "bob": "busy", "supervisor": "answers", "trunk": "answers"}

# Each waits for what happens in its program; a busy machine may take long for it.
pytestmark = pytest.mark.timeout(240)


@dataclass(frozen=True)
class Program:
    """A program of a page, with what it prints; None where the page does not say."""

    page: str
    name: str
    code: str
    output: str | None


def programs() -> Iterator[Program]:
    for folder in FOLDERS:
        for page in sorted((DOCS / folder).glob("*.md")):
            for name, code, output in PROGRAM.findall(page.read_text(encoding="utf-8")):
                yield Program(page.relative_to(DOCS).as_posix(), name, code, output or None)


PROGRAMS = list(programs())
GOES_ON_FROM = {"how-to/survive-a-crash.md": ("how-to/share-calls.md",)}


@pytest.fixture
def pbx(program: Program) -> Iterator[EmbeddedAsterisk]:
    """An Asterisk with the dialplan and the user of the page, or of the page that it goes on from, where they have them."""
    text = "".join((DOCS / page).read_text(encoding="utf-8") for page in (program.page, *GOES_ON_FROM.get(program.page, ())))
    options: dict[str, Any] = {}
    if dialplan := re.search(r'```ini title="extensions.conf"\n(.*?)```', text, re.DOTALL):
        options["dialplan"] = dialplan[1]
    if user := re.search(r"^\[(\w+)\]\ntype = user\npassword = (\S+)\npassword_format = plain$", text, re.MULTILINE):
        options["users"] = {user[1]: user[2]}
    with EmbeddedAsterisk("22.10.1", endpoints=ENDPOINTS, **options) as embedded:
        yield embedded


@pytest.fixture(scope="session")
def nats() -> Iterator[Broker]:
    with Broker("nats") as broker:
        yield broker


def serve(app: str, keys: str = "", *, hangs_up_at: str | None = None) -> Callable[[EmbeddedAsterisk], None]:
    """A caller of an app who presses keys, and hangs up at an event of this type, or waits for the end."""

    def call(pbx: EmbeddedAsterisk) -> None:
        pbx.wait_until(lambda: app in pbx.machine.apps, timeout=60)
        phone = pbx.incoming_call(app=app, caller="Ann <1234>")
        pbx.wait_until(lambda: phone.answered, timeout=60)
        if keys:
            phone.press(keys)
        if hangs_up_at is not None:
            pbx.wait_until(lambda: pbx.events.of(hangs_up_at), timeout=60)
            phone.hang_up()
        pbx.wait_until(lambda: phone.ended, timeout=60)

    return call


def offer(pbx: EmbeddedAsterisk) -> None:
    """A caller who is offered to the workers, and waits for the end."""
    pbx.wait_until(lambda: "support-1" in pbx.machine.apps, timeout=60)
    phone = pbx.incoming_call(context="support", called="100", caller="Ann <1234>")
    pbx.wait_until(lambda: phone.ended, timeout=60)


def call_from_a_shell(pbx: EmbeddedAsterisk) -> None:
    """The server calls itself, by the command of the page."""
    pbx.wait_until(lambda: "hello" in pbx.machine.apps, timeout=60)
    access = {"ARI_URL": pbx.url, "ARI_USERNAME": pbx.username, "ARI_PASSWORD": pbx.password}
    command = [sys.executable, "-m", "asterisk_ari", "call", "Local/100@default"]
    done = subprocess.run(command, env=os.environ | access, capture_output=True, text=True, timeout=90, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def cut_off(pbx: EmbeddedAsterisk) -> None:
    """The event WebSocket breaks."""
    pbx.wait_until(lambda: "watch" in pbx.machine.apps, timeout=60)
    pbx.faults.drop_sockets()


def talk(pbx: EmbeddedAsterisk) -> None:
    """The phone that was called talks, once somebody listens."""
    pbx.wait_until(lambda: pbx.requests.to("/variable", "POST"), timeout=60)
    pbx.phone_of(pbx.events.of("StasisStart")[0]["channel"]["id"]).talk(2)


def hears_itself(pbx: EmbeddedAsterisk) -> None:
    """A caller who talks until the same comes back, and hangs up."""
    pbx.wait_until(lambda: "echo" in pbx.machine.apps, timeout=60)
    phone = pbx.incoming_call(app="echo", caller="Ann <1234>", listens=True)
    pbx.wait_until(lambda: phone.answered, timeout=60)
    said = tone(600, seconds=0.5)

    def comes_back() -> bool:
        phone.says(said)
        return bool(phone.heard.seconds_of(said) > 0.2)

    pbx.wait_until(comes_back, timeout=60)
    phone.hang_up()
    pbx.wait_until(lambda: phone.ended, timeout=60)


# What happens to the programs that wait for something.
CALLERS: dict[str, Callable[[EmbeddedAsterisk], None]] = {
    "answer.py": call_from_a_shell,
    "serve_callers.py": serve("hello"),
    "ask_for_digits.py": serve("account", "4711"),
    "build_a_menu.py": serve("menu", "2"),
    "take_a_message.py": serve("mailbox", hangs_up_at="RecordingStarted"),
    "ring_several_phones.py": serve("desk"),
    "detect_talking.py": talk,
    "reconnect.py": cut_off,
    "shut_down.py": serve("polite"),
    "serve_several_apps.py": serve("support"),
    "share_calls.py": offer,
    "echo.py": hears_itself,
    "survive_a_crash.py": offer,
    "use_threads.py": serve("threads"),
    "transfer_blind.py": serve("reception"),
    "transfer_attended.py": serve("reception"),
}

# The other ones of these run until they are stopped.
END_BY_THEMSELVES = {"detect_talking.py", "shut_down.py"}
# What the log says on stderr besides.
LOGGED = {
    "handle_errors.py": "channels.get GET /channels/gone: 404 Channel not found",
    "reconnect.py": "event WebSocket lost",
}


@pytest.mark.parametrize("program", [pytest.param(one, id=f"{one.page}:{one.name}") for one in PROGRAMS if one.output])
def test_a_program_prints_what_its_page_says(
    request: pytest.FixtureRequest, pbx: EmbeddedAsterisk, tmp_path: Path, program: Program
) -> None:
    """And it leaves no channel and no bridge behind."""
    (tmp_path / program.name).write_text(program.code, encoding="utf-8")
    others = {name: value for name, value in os.environ.items() if not name.startswith("ARI_")}
    access = {"ARI_URL": pbx.url, "ARI_USERNAME": pbx.username, "ARI_PASSWORD": pbx.password, "PYTHONUNBUFFERED": "1"}
    if "NATS_URL" in program.code:
        access["NATS_URL"] = request.getfixturevalue("nats").url
    command = [sys.executable, "-W", "error", str(tmp_path / program.name)]
    said = ""
    with subprocess.Popen(
        command, env=others | access, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            if caller := CALLERS.get(program.name):
                caller(pbx)
                # The caller is served when all is printed; what more is said until the program ends is read below.
                said = "".join(process.stdout.readline() for _ in (program.output or "").splitlines()) if process.stdout else ""
                pbx.wait_until(lambda: not pbx.machine.channels, timeout=60)
                if program.name not in END_BY_THEMSELVES:
                    process.send_signal(signal.SIGTERM)
            rest, errors = process.communicate(timeout=90)
        finally:
            process.kill()  # nothing, unless the above has failed
    log = LOGGED.get(program.name)
    complaints = [line for line in errors.splitlines() if log is None or not line.startswith(log)]
    assert (process.returncode, said + rest, complaints) == (0, program.output, [])
    pbx.wait_until(lambda: not pbx.machine.channels and not pbx.machine.bridges, timeout=30)


@pytest.mark.parametrize(
    "program", [pytest.param(one, id=f"{one.page}:{one.name}") for one in PROGRAMS if one.name.startswith("test_")]
)
def test_a_test_passes(tmp_path: Path, program: Program) -> None:
    (tmp_path / program.name).write_text(program.code, encoding="utf-8")
    (tmp_path / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    done = run_tests(tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_program_is_left_out() -> None:
    """Every program of these pages says what it prints, and every caller above has one to call."""
    assert [f"{one.page}: {one.name}" for one in PROGRAMS if one.output is None and not one.name.startswith("test_")] == []
    assert CALLERS.keys() - {one.name for one in PROGRAMS} == set()
    assert len({one.name for one in PROGRAMS}) == len(PROGRAMS)
