"""An HTTP proxy on real sockets: CONNECT, and requests for absolute URLs as httpx sends them for plain http."""

import base64
import contextlib
import socket
import threading
from urllib.parse import urlsplit

LIMIT_SECONDS = 10.0


class ProxyServer:
    """Forwards to anywhere; `answer` is sent instead of that, where it is set, again and again with `repeats`.

    `tunnels` holds the targets of CONNECT, `requests` the URLs of other requests.
    """

    def __init__(self, user: str | None = None, password: str = "") -> None:
        self.tunnels: list[str] = []
        self.requests: list[str] = []
        self.answer: bytes | None = None
        self.repeats = False
        self.piece_bytes = 65_536
        self._authorization = None if user is None else "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._sockets: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._start(self._accept)

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut()
        for thread in list(self._threads):
            thread.join(LIMIT_SECONDS)

    def cut(self) -> None:
        """Lose all connections."""
        for one in list(self._sockets):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def _start(self, run, *arguments) -> threading.Thread:  # type: ignore[no-untyped-def]
        thread = threading.Thread(target=run, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()
        return thread

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self._sockets.append(client)
            self._start(self._serve, client)

    def _serve(self, client: socket.socket) -> None:
        with client, contextlib.suppress(OSError):
            head = b""
            while b"\r\n\r\n" not in head:
                if not (data := client.recv(65_536)):
                    return
                head += data
            method, target, _ = head.split(b"\r\n", 1)[0].decode().split(" ")
            headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n\r\n")[0].split("\r\n")[1:])
            if self._authorization not in (None, headers.get("Proxy-Authorization")):
                client.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
                return
            if self.answer is not None:
                client.sendall(self.answer)
                while self.repeats:  # until the client is gone
                    client.sendall(self.answer)
                return
            if method == "CONNECT":
                self.tunnels.append(target)
                host, _, port = target.rpartition(":")
                first, established = b"", b"HTTP/1.1 200 Connection established\r\nVia: test\r\n\r\n"
            else:
                self.requests.append(target)
                url = urlsplit(target)
                host, port = url.hostname or "", str(url.port)
                first, established = head.replace(target.encode(), target.partition(url.netloc)[2].encode(), 1), b""
            self._forward(client, host, int(port), first, established)

    def _forward(self, client: socket.socket, host: str, port: int, first: bytes, established: bytes) -> None:
        with socket.create_connection((host, port), LIMIT_SECONDS) as server:
            server.settimeout(None)
            self._sockets.append(server)
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for at in range(0, len(established), self.piece_bytes):
                client.sendall(established[at : at + self.piece_bytes])
            if first:
                server.sendall(first)
            back = self._start(self._copy, server, client)
            self._copy(client, server)
            back.join(LIMIT_SECONDS)

    @staticmethod
    def _copy(source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65_536):
                target.sendall(data)
        for one in (source, target):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
