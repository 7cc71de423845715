"""A phone that refuses each call, over SIP and UDP, with the status that the request's user names: `sip:486@…` is busy."""

import re
import socket
import threading
from types import TracebackType
from typing import Self

REASONS = {404: "Not Found", 480: "Temporarily Unavailable", 486: "Busy Here", 503: "Service Unavailable", 603: "Decline"}
# What a response repeats of its request (RFC 3261, 8.2.6.2).
_REPEATED = ("via", "from", "to", "call-id", "cseq")


class RefusingPhone:
    """Listens on a port of loopback for as long as it is entered; `asked` has the statuses that it gave."""

    def __init__(self, port: int) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", port))
        self._thread = threading.Thread(target=self._serve, name="sip-phone")
        self.asked: list[int] = []

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as waker:
            waker.sendto(b"", self._socket.getsockname())
        self._thread.join()
        self._socket.close()

    def _serve(self) -> None:
        while True:
            datagram, sender = self._socket.recvfrom(65_535)
            if not datagram:
                return
            head = datagram.decode("utf-8", "replace").split("\r\n\r\n")[0].split("\r\n")
            called = re.match(r"INVITE sip:(\d{3})@", head[0])
            status = int(called[1]) if called else 200
            if called:
                self.asked.append(status)
            if not head[0].startswith("ACK "):
                self._socket.sendto(_response(head, status), sender)


def _response(request: list[str], status: int) -> bytes:
    repeated = [line for line in request[1:] if line.partition(":")[0].strip().lower() in _REPEATED]
    tagged = [line + ";tag=phone" if line.lower().startswith("to:") and ";tag=" not in line else line for line in repeated]
    return "\r\n".join([f"SIP/2.0 {status} {REASONS.get(status, 'OK')}", *tagged, "Content-Length: 0", "", ""]).encode()
