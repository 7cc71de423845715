"""The other side, a process of its own: sends prepared frames as fast as it can, and prepared responses.

A client connects, then asks `GET /bench/go?kind=calls&count=20000&channels=100` on a connection of its own: what was
asked for is sent on the event socket from then on.
"""

import base64
import hashlib
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from scripts.bench import workload

_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_PIECE = 65_536
_UNTIL_END_SECONDS = 0.05


@cache
def _blob(kind: str, count: int, channels: int) -> bytes:
    makers: dict[str, Callable[[], Iterable[dict[str, Any]]]] = {
        "calls": lambda: workload.calls(count, channels),
        "steady": lambda: workload.steady(count, channels),
        "arrive": lambda: (workload.stasis_start(one) for one in workload.channel_ids(channels)),
    }
    known: dict[int, bytes] = {}
    frames = []
    for event in makers[kind]():
        if kind == "steady":
            frames.append(known.setdefault(id(event), workload.frame(event)))
        else:
            frames.append(workload.frame(event))
    return b"".join([*frames, workload.frame(workload.last_event())])


class LoadServer:
    """Serves until its process is ended; a thread for each connection."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port: int = self._listener.getsockname()[1]
        base = f"http://127.0.0.1:{self.port}/ari"
        self._responses = {path: workload.response(body) for path, body in workload.documents(base).items()}
        self._responses["/ari/asterisk/info"] = workload.response({"system": {"version": workload.VERSION, "entity_id": "x"}})
        app = {"name": workload.APP, "channel_ids": [], "bridge_ids": [], "endpoint_ids": [], "device_names": []}
        self._responses[f"/ari/applications/{workload.APP}"] = workload.response(app)
        self._responses |= dict.fromkeys(("/ari/channels", "/ari/bridges"), workload.response([]))
        self._channel = b""
        self._channel_until = 0.0
        self._events: socket.socket | None = None

    def serve(self) -> None:
        """Accept for ever."""
        while True:
            connection, _ = self._listener.accept()
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            waiting = b""
            while True:
                head, separator, rest = waiting.partition(b"\r\n\r\n")
                if not separator:
                    chunk = connection.recv(_PIECE)
                    if not chunk:
                        return
                    waiting += chunk
                    continue
                waiting = rest
                if self._request(connection, head):
                    self._drain(connection)
                    return
        except OSError:
            pass
        finally:
            connection.close()

    def _request(self, connection: socket.socket, head: bytes) -> bool:
        """Answer; True when the connection is the event socket from now on."""
        target = head.split(b" ", 2)[1]
        if target.startswith(b"/ari/channels/"):
            connection.sendall(self._channel_response())
            return False
        parts = urlsplit(target.decode())
        if parts.path == "/ari/events":
            self._accept_events(connection, head)
            return True
        if parts.path == "/bench/go":
            connection.sendall(workload.response({}))
            self._go(dict(parse_qsl(parts.query)))
            return False
        connection.sendall(self._responses[parts.path])
        return False

    def _channel_response(self) -> bytes:
        """Made anew every second, as its date is another one then."""
        if time.monotonic() >= self._channel_until:
            self._channel = workload.response(workload.channel(workload.channel_ids(1)[0]))
            self._channel_until = time.monotonic() + 1
        return self._channel

    def _accept_events(self, connection: socket.socket, head: bytes) -> None:
        headers = dict(line.split(b": ", 1) for line in head.split(b"\r\n")[1:])
        key = next(value for name, value in headers.items() if name.lower() == b"sec-websocket-key")
        accept = base64.b64encode(hashlib.sha1(key.strip() + _GUID, usedforsecurity=False).digest()).decode()
        connection.sendall(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Accept: {accept}\r\n\r\n".encode()
        )
        self._events = connection

    def _drain(self, connection: socket.socket) -> None:
        """Answer pings, and a close frame, so that nobody waits for it; they come alone."""
        while data := connection.recv(_PIECE):
            if data[0] == 0x88:
                connection.sendall(b"\x88\x02\x03\xe8")
                return
            if data[0] == 0x89:
                length = data[1] & 0x7F
                mask, content = data[2:6], data[6 : 6 + length]
                connection.sendall(bytes((0x8A, length)) + bytes(one ^ mask[at % 4] for at, one in enumerate(content)))

    def _go(self, wanted: dict[str, str]) -> None:
        events = self._events
        if events is None:
            return
        if wanted["kind"] == "paced":
            threading.Thread(target=self._paced, args=(events, wanted), daemon=True).start()
        else:
            blob = _blob(wanted["kind"], int(wanted["count"]), int(wanted["channels"]))
            threading.Thread(target=self._burst, args=(events, blob), daemon=True).start()

    def _burst(self, events: socket.socket, blob: bytes) -> None:
        view = memoryview(blob)
        try:
            for start in range(0, len(view), _PIECE):
                events.sendall(view[start : start + _PIECE])
        except OSError:
            pass

    def _paced(self, events: socket.socket, wanted: dict[str, str]) -> None:
        """One frame for each write, at an even pace; each carries the time of its write."""
        frames = [workload.frame(workload.stamped_event(one)) for one in workload.channel_ids(int(wanted["channels"]))]
        stamp = workload.STAMP.encode()
        pieces = [one.split(stamp) for one in frames]
        period = 1.0 / float(wanted["rate"])
        due = time.monotonic()
        try:
            for number in range(int(wanted["count"])):
                due += period
                if (pause := due - time.monotonic()) > 0:
                    time.sleep(pause)
                before, after = pieces[number % len(pieces)]
                events.sendall(b"%s%017d%s" % (before, time.monotonic_ns(), after))
            time.sleep(_UNTIL_END_SECONDS)
            events.sendall(workload.frame(workload.last_event()))
        except OSError:
            pass


def main() -> int:
    """Say the port, then serve."""
    server = LoadServer()
    print(server.port, flush=True)
    threading.Thread(target=server.serve, daemon=True).start()
    sys.stdin.read()
    return 0


if __name__ == "__main__":
    sys.exit(main())
