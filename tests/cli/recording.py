"""`record --through` as a command, for as long as it is entered."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def recording(server_url: str, file: Path, *options: str, complaint: str = "") -> Iterator[str]:
    """The command, and the address at which it listens; it ends by Ctrl-C, without a word."""
    command = [sys.executable, "-m", "asterisk_ari", "record", str(file), "--url", server_url, "--through", "0", *options]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        try:
            told = ""
            while " and http" not in (told := f"{told} {process.stderr.readline().strip()}"):
                assert process.poll() is None, told
            found = re.search(r"between (http://[\d.:]+)", told)
            assert found is not None, told
            yield found[1]
            process.send_signal(signal.SIGINT)
            assert process.wait(60) == 130
            assert process.stderr.read().startswith(complaint or "\0") is bool(complaint)
        finally:
            process.kill()
