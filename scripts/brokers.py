"""Throw-away NATS and Redis servers for tests: live-nats.sh and live-redis.sh, from Python.

with Broker("nats") as broker:
    print(broker.url)
"""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

HERE = Path(__file__).resolve().parent


class BrokerError(RuntimeError):
    """The script failed; the message is its output."""


class Broker:
    """One server on a free port of loopback, started on entering and stopped on leaving, or when this process ends."""

    def __init__(
        self, kind: Literal["nats", "redis"], port: int | None = None, *, settings: Mapping[str, str] | None = None
    ) -> None:
        """`settings`: further LIVE_… settings of the script."""
        self.kind = kind
        self.port = port if port is not None else _free_port()
        self.url = f"{kind}://127.0.0.1:{self.port}"
        self.run_dir = Path(tempfile.mkdtemp(prefix=f"ari-live-{kind}-"))
        self._settings = {"LIVE_RUN": str(self.run_dir), "LIVE_OWNER": str(os.getpid()), **(settings or {})}

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def start(self) -> None:
        """Start it, and return when it answers; stored data is kept."""
        self._do("start", str(self.port))

    def stop(self) -> None:
        """Stop it gracefully, and return when it has ended; it can be started again."""
        self._do("stop")

    def kill(self) -> None:
        """End it as a crash would; it can be started again."""
        self._do("kill")

    def pause(self) -> None:
        """Suspend the process, which answers nothing until `resume`; return when all its threads are stopped."""
        os.kill(self.pid, signal.SIGSTOP)
        while any(_state(thread) != "T" for thread in Path(f"/proc/{self.pid}/task").iterdir()):
            time.sleep(0.001)

    def resume(self) -> None:
        """Resume the process."""
        os.kill(self.pid, signal.SIGCONT)

    @property
    def pid(self) -> int:
        """The id of its process."""
        return int((self.run_dir / "server.pid").read_text())

    def close(self) -> None:
        """Stop it for good, and remove its run directory."""
        with contextlib.suppress(BrokerError):
            self.stop()
        shutil.rmtree(self.run_dir, ignore_errors=True)

    def _do(self, *arguments: str) -> None:
        done = subprocess.run(
            [str(HERE / f"live-{self.kind}.sh"), *arguments],
            env={**os.environ, "LIVE_KEEP_STATE": "1", **self._settings},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        if done.returncode:
            raise BrokerError(done.stderr.strip() or f"{arguments[0]}: status {done.returncode}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _state(thread: Path) -> str:
    """The letter that /proc has for a thread's state: T is stopped."""
    return (thread / "stat").read_text().rpartition(")")[2].split()[0]
