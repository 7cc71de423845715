"""Programs of the documentation's pages on a real Asterisk: they print there what their pages say.

Those that need nobody to call them, whose own server they are not. The phones of the pages are ones of the packaged server,
which answer by themselves: a SIP call each.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.live import LiveAsterisk
from tests.documentation.test_pages import CALLERS, PROGRAMS, Program

PHONES = {"PJSIP/alice": "PJSIP/alice@trunk", "PJSIP/supervisor": "PJSIP/supervisor@trunk", "PJSIP/bob": "PJSIP/busy@trunk"}
# What is about the embedded server's own: its endpoint that is online, its texts.
NOT_HERE = {"device_states.py", "text_messages.py"}
# A variable is read right after it was set, for which Asterisk 16 takes its time.
NOT_ON_16 = {"channel_variables.py"}
HERE = [
    one
    for one in PROGRAMS
    if one.output and one.name not in {*CALLERS, *NOT_HERE} and "EmbeddedAsterisk" not in one.code and "call" in one.code
]


@pytest.mark.parametrize("program", HERE, ids=[f"{one.page}:{one.name}" for one in HERE])
def test_a_program_prints_what_its_page_says(packaged: LiveAsterisk, tmp_path: Path, program: Program) -> None:
    """With the names of this server's phones for those of the page."""
    if packaged.series == "16" and program.name in NOT_ON_16:
        pytest.skip("of later releases")
    code, promised = program.code, program.output or ""
    for former, now in PHONES.items():
        code, promised = (re.sub(rf"\b{former}\b", now, text) for text in (code, promised))
    (tmp_path / program.name).write_text(code, encoding="utf-8")
    access = {"ARI_URL": packaged.url, "ARI_USERNAME": packaged.username, "ARI_PASSWORD": packaged.password}
    others = {name: value for name, value in os.environ.items() if not name.startswith("ARI_")}
    done = subprocess.run(
        [sys.executable, str(tmp_path / program.name)],
        env=others | access,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, promised), done.stderr


def test_many_are_here() -> None:
    assert len(HERE) >= 19
