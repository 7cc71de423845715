"""Throw-away Asterisk servers for live tests: live-asterisk.sh, from Python.

    with LiveAsterisk("22") as server:
        print(server.url, server.version, server.cli("core show uptime"))

Several servers, of one series or of both, run at the same time: each has a block of ports and a
run directory of its own.
"""

from __future__ import annotations

import atexit
import contextlib
import fcntl
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Self

SCRIPT = Path(__file__).resolve().with_name("live-asterisk.sh")
SERIES = ("22", "16")

# A block of ports, as offsets from its first, which is ARI's. The script's own defaults are
# spread over several thousand ports; compact blocks below the range from which the kernel
# takes ephemeral ports (32768 and up) cannot meet each other or a client's connection.
TLS, SIP, UAS, OUT, MEDIA, RTP = 1, 2, 3, 4, 5, 10
BLOCK = 1000
# Two runs of the live tests at once, with two processes each and up to four servers for each process.
BLOCKS = range(10000, 32000, BLOCK)


class LiveAsteriskError(RuntimeError):
    """The script failed; the message is the last line of its output."""


def _script(*arguments: str, timeout: float, env: Mapping[str, str] | None = None) -> str:
    try:
        done = subprocess.run(
            [str(SCRIPT), *arguments],
            env={**os.environ, **(env or {})},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=timeout,
            check=False,
        )
    except OSError as error:
        raise LiveAsteriskError(f"cannot run {SCRIPT}: {error}") from error
    except subprocess.TimeoutExpired as error:
        raise LiveAsteriskError(f"{arguments[0]}: not done after {timeout:.0f} s") from error
    if done.returncode:
        said = (done.stderr.strip() or done.stdout.strip()).splitlines()
        raise LiveAsteriskError(said[-1] if said else f"{arguments[0]}: status {done.returncode}")
    return done.stdout


def cache() -> Path:
    """The folder that holds the unpacked servers, one folder for each series."""
    given = os.environ.get("ARI_LIVE_CACHE")
    return Path(given).expanduser() if given else Path.home() / ".cache/asterisk-ari/live"


def install(series: str) -> Path:
    """The unpacked server of that series, fetched if it is not in the cache yet."""
    if series not in SERIES:
        raise LiveAsteriskError(f"no series {series!r}: one of {', '.join(SERIES)}")
    folder = cache() / series
    _script("install", series, str(folder), timeout=1800)
    return folder


def _free(port: int) -> bool:
    """Whether a server could bind every port of the block (RTP finds free ones itself)."""
    tcp, udp = socket.SOCK_STREAM, socket.SOCK_DGRAM
    wanted = [(offset, tcp) for offset in (0, TLS, SIP, OUT, MEDIA)] + [(SIP, udp), (UAS, udp)]
    for offset, kind in wanted:
        with socket.socket(socket.AF_INET, kind) as probe:
            if kind == tcp:  # what a stopped server left in TIME_WAIT does not count
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port + offset))
            except OSError:
                return False
    return True


def _claim(port: int) -> IO[str] | None:
    """Take a lock on the block, held until closed, since a server between two starts binds no port."""
    locks = Path(tempfile.gettempdir()) / f"ari-live-{os.getuid()}"
    locks.mkdir(mode=0o700, exist_ok=True)
    lock = (locks / f"{port}.lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.close()
        return None
    if _free(port):
        return lock
    lock.close()
    return None


def _ports(port: int | None) -> tuple[int, IO[str]]:
    for candidate in BLOCKS if port is None else (port,):
        lock = _claim(candidate)
        if lock is not None:
            return candidate, lock
    where = f"{port} to {port + RTP}" if port is not None else f"{BLOCKS.start} to {BLOCKS.stop - 1} in whole blocks"
    raise LiveAsteriskError(f"no free loopback ports: {where}")


class LiveAsterisk:
    """One server, started on entering and stopped on leaving, or when this process ends."""

    username = "asterisk"
    password = "asterisk"  # noqa: S105 - of a server on loopback

    def __init__(
        self,
        series: str,
        port: int | None = None,
        *,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        """`settings`: further LIVE_… settings of live-asterisk.sh."""
        self.series = series
        self.folder = install(series)
        self.version = (self.folder / "version").read_text().strip()
        self.port, self._lock = _ports(port)
        self.url = f"http://127.0.0.1:{self.port}"
        self.run_dir = Path(tempfile.mkdtemp(prefix=f"ari-live-{series}-"))
        self._settings = {
            "LIVE_SIP_PORT": str(self.port + SIP),
            "LIVE_UAS_PORT": str(self.port + UAS),
            "LIVE_OUT_PORT": str(self.port + OUT),
            "LIVE_RTP_START": str(self.port + RTP),
            "LIVE_RTP_COUNT": str(BLOCK - RTP),
            **(settings or {}),
            "LIVE_RUN": str(self.run_dir),
            "LIVE_OWNER": str(os.getpid()),
        }
        self._owner = os.getpid()
        atexit.register(self.close)

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _do(self, command: str, *arguments: str) -> str:
        if self._lock.closed:
            raise LiveAsteriskError("this server has been closed")
        return _script(command, str(self.folder), *arguments, timeout=120, env=self._settings)

    @property
    def pid(self) -> int | None:
        """The server's process, if it runs."""
        try:
            pid = int((self.run_dir / "server.pid").read_text())
            arguments = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except (OSError, ValueError):
            return None
        return pid if os.fsencode(self.run_dir / "etc/asterisk.conf") in arguments else None

    @property
    def env(self) -> dict[str, str]:
        """The output of the script's `env`: ARI_TLS_PORT, SIP_PORT, ARI_OUT_PORT and so on."""
        return dict(re.findall(r"^(\w+)=(.*)$", self._do("env"), re.MULTILINE))

    def start(self) -> None:
        """Start the server, and return when ARI answers. Does nothing if it is running."""
        self._do("start", str(self.port))

    def stop(self) -> None:
        """Stop the server gracefully, and return when it has ended; it can be started again."""
        self._do("stop")

    def restart(self) -> None:
        self._do("restart", str(self.port))

    def kill(self) -> None:
        """End it like a crash, with SIGKILL and without closing connections. It can be started again."""
        pid = self.pid
        if pid is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        deadline = time.monotonic() + 10
        # its threads may keep the sockets for a moment longer than the process its name
        while self.pid == pid or not _free(self.port):
            if time.monotonic() > deadline:
                raise LiveAsteriskError(f"process {pid} or its ports survive SIGKILL")
            time.sleep(0.01)

    def cli(self, command: str) -> str:
        """Return the output of a command of Asterisk's CLI."""
        return self._do("cli", command)

    def log(self) -> str:
        """Return the server's log since its last start; empty once it is closed."""
        try:
            return (self.run_dir / "log/messages.log").read_text(errors="replace")
        except FileNotFoundError:
            return ""

    def close(self) -> None:
        """Stop it for good, free its ports and remove its run directory."""
        atexit.unregister(self.close)
        if self._lock.closed or os.getpid() != self._owner:  # a fork has no say
            return
        try:
            self.stop()
        except LiveAsteriskError:
            self.kill()
        finally:
            shutil.rmtree(self.run_dir, ignore_errors=True)
            self._lock.close()
