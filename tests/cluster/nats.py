"""A NATS server for tests, on loopback, which can be ended and started again at the same place."""

import os
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

ROOT = Path(__file__).resolve().parents[2]


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


class NatsServer:
    """One of `scripts/live-nats.sh`; `configuration` is text of its own language, such as users and their permissions."""

    def __init__(self, configuration: str = "") -> None:
        self.port = free_port()
        self.folder = Path(tempfile.mkdtemp(prefix="ari-nats-"))
        conf = self.folder / "more.conf"
        conf.write_text(configuration)
        self._environment = {
            **os.environ, "LIVE_RUN": str(self.folder / "run"), "LIVE_CONF": str(conf), "LIVE_KEEP_STATE": "1",
            "LIVE_OWNER": str(os.getpid()),
        }  # fmt: skip

    @property
    def url(self) -> str:
        return f"nats://127.0.0.1:{self.port}"

    def _run(self, *words: str) -> None:
        done = subprocess.run(
            [str(ROOT / "scripts/live-nats.sh"), *words], env=self._environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr

    def start(self) -> Self:
        self._run("start", str(self.port))
        return self

    def kill(self) -> None:
        """End it at once, as a crash does."""
        self._run("kill")

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._run("stop")
        shutil.rmtree(self.folder, ignore_errors=True)
