"""Programs of ari-py as processes of their own, by the command that runs them as they are, and calls for them to take."""

import contextlib
import re
import subprocess
import sys
import threading
from pathlib import Path

from asterisk_ari import AsteriskARI
from asterisk_ari.errors import NotFound
from tests.live.calls import eventually, fresh, into

PROGRAMS = Path(__file__).with_name("programs")
SECONDS = 60.0


class Program:
    """A program that runs; what it prints is read line by line."""

    def __init__(self, name: str, *arguments: str, options: tuple[str, ...] = ()) -> None:
        command = [sys.executable, "-u", "-m", "asterisk_ari.compat.ari", *options, str(PROGRAMS / f"{name}.py"), *arguments]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self._lines: list[str] = []
        self._errors: list[str] = []
        self._read = 0
        self._is_silent = False
        self._changed = threading.Condition()
        streams = ((self.process.stdout, self._lines), (self.process.stderr, self._errors))
        self._readers = [threading.Thread(target=self._collect, args=each, daemon=True) for each in streams]
        for reader in self._readers:
            reader.start()

    def _collect(self, stream: object, lines: list[str]) -> None:
        for line in stream:  # type: ignore[attr-defined]
            with self._changed:
                lines.append(line.rstrip("\n"))
                self._changed.notify_all()
        with self._changed:
            self._is_silent |= lines is self._lines
            self._changed.notify_all()

    def _all(self) -> str:
        return "\n".join([*self._lines, *self._errors])

    def _has_more(self) -> bool:
        return len(self._lines) > self._read or self._is_silent

    def says(self, *expected: str) -> None:
        """Wait for the next lines, each of which is as expected."""
        for line in expected:
            with self._changed:
                assert self._changed.wait_for(self._has_more, SECONDS), f"{line!r} was not said: {self._all()}"
                assert self._lines[self._read :], f"{line!r} was not said: {self._all()}"
                said = self._lines[self._read]
                self._read += 1
            assert re.fullmatch(line, said), f"{said!r} instead of {line!r}: {self._all()}"

    def ends(self) -> None:
        """Wait for its end: it says nothing more, and nothing was wrong."""
        status = self.process.wait(SECONDS)
        for reader in self._readers:
            reader.join(SECONDS)
        assert (status, self._lines[self._read :], self._errors) == (0, [], []), self._all()

    def close(self) -> None:
        """End it, whatever it does."""
        self.process.kill()
        self.process.wait(SECONDS)
        for reader in self._readers:
            reader.join(SECONDS)
        for stream in (self.process.stdout, self.process.stderr):
            if stream is not None:
                stream.close()


class Stage:
    """A server, programs on it, and callers."""

    def __init__(self, url: str, username: str, password: str) -> None:
        self._access = (url, username, password)
        self._ari = AsteriskARI(url=url, username=username, password=password, events=False, version_check="off")
        self._ari.connect()
        self._programs: list[Program] = []
        self._calls: list[str] = []
        self.app = fresh("ari-py")

    def program(self, name: str, *, waits: bool = True, options: tuple[str, ...] = ()) -> Program:
        """Start a program, and wait until its app is there."""
        program = Program(name, *self._access, self.app, options=options)
        self._programs.append(program)
        if waits:
            eventually(lambda: self._has_app() or program.process.poll() is not None, f"{name} did not come", SECONDS)
        return program

    def _has_app(self) -> bool:
        try:
            self._ari.operation("applications.get", applicationName=self.app, raw=True)
        except NotFound:
            return False
        return True

    def caller(self, does: str = "wait") -> str:
        """Call the app: once it answers, the caller does what this extension of the context `plain` says."""
        call = fresh("caller")
        self._calls.append(call)
        self._ari.channels.originate(f"{into(self.app)}/n", context="plain", extension=does, channel_id=call)
        return call

    def hang_up(self, call: str) -> None:
        """Hang a caller up, if it is there still."""
        with contextlib.suppress(NotFound):
            self._ari.channels(call).hangup()

    def close(self) -> None:
        """Leave nothing."""
        for program in self._programs:
            program.close()
        for call in self._calls:
            self.hang_up(call)
        self._ari.disconnect()
