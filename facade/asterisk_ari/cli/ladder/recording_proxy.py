"""A port between a program and its server: all bytes pass as they are, and a tap reads along."""

import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Self

from asterisk_ari._transport.tls import context_of
from asterisk_ari.cli.ladder.traffic_tap import TrafficTap
from asterisk_ari.errors import BadArgument
from asterisk_ari.settings import Settings

READ_BYTES = 64 * 1024


class RecordingProxy:
    """Listens on loopback, and passes each connection on to the server of the settings.

    Args:
        settings: the server.
        port: where programs connect to; 0 takes a free one.
        new_tap: makes what reads along with a connection.
        complain: is told, in words, what cannot be read or reached.
    """

    def __init__(
        self, settings: Settings, port: int, new_tap: Callable[[], TrafficTap], complain: Callable[[str], object]
    ) -> None:
        self._settings, self._new_tap, self._complain = settings, new_tap, complain
        try:
            self._listening = socket.create_server(("127.0.0.1", port))
        except OSError as error:
            raise BadArgument(f"port {port} cannot be listened on: {error.strerror}") from None
        self.port: int = self._listening.getsockname()[1]
        self._sockets: set[socket.socket] = set()
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, name="recording-proxy", daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        _end(self._listening)
        with self._lock:
            for one in self._sockets:
                _end(one)

    def _accept(self) -> None:
        with suppress(OSError):  # it is closed
            while True:
                program, _ = self._listening.accept()
                threading.Thread(target=self._serve, args=(program,), daemon=True).start()

    def _serve(self, program: socket.socket) -> None:
        settings = self._settings
        try:
            server = socket.create_connection((settings.host, settings.port), settings.connect_timeout_seconds)
            if settings.tls:
                server = context_of(settings).wrap_socket(server, server_hostname=settings.host)
            server.settimeout(None)
        except OSError as error:
            self._complain(f"{settings.base_url} cannot be reached: {error}")
            _end(program)
            return
        with self._lock:
            self._sockets |= {program, server}
        reading = _GuardedTap(self._new_tap(), self._complain)
        back = threading.Thread(target=_pass, args=(server, program, reading.received), daemon=True)
        back.start()
        _pass(program, server, reading.sent)
        back.join()
        reading.end()
        with self._lock:
            self._sockets -= {program, server}
        for one in (program, server):
            one.close()


class _GuardedTap:
    """A tap that is given up when it does not understand: the bytes pass all the same."""

    def __init__(self, tap: TrafficTap, complain: Callable[[str], object]) -> None:
        self._tap, self._complain = tap, complain
        self._lock = threading.Lock()
        self._is_given_up = False

    def sent(self, data: bytes) -> None:
        self._read(self._tap.sent, data)

    def received(self, data: bytes) -> None:
        self._read(self._tap.received, data)

    def end(self) -> None:
        with self._lock:
            self._tap.end()

    def _read(self, take: Callable[[bytes], None], data: bytes) -> None:
        with self._lock:
            if self._is_given_up:
                return
            try:
                take(data)
            except Exception as error:  # noqa: BLE001 - a recording must not hold up what it records
                self._is_given_up = True
                self._complain(f"a connection is passed on and no longer recorded: {type(error).__name__}: {error}")


def _pass(source: socket.socket, target: socket.socket, read: Callable[[bytes], None]) -> None:
    """Pass bytes on until there are no more, then end the other direction as well."""
    with suppress(OSError):
        while data := source.recv(READ_BYTES):
            read(data)  # before it can have an effect
            target.sendall(data)
    for one in (source, target):
        with suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)


def _end(one: socket.socket) -> None:
    with suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
    one.close()
