"""Runs the client's WebSocket, in both variants, against the Autobahn test-suite: `python -m scripts.autobahn WSTEST`.

WSTEST is the program of that name, which needs its own Python 2.7, so no nox session runs this automatically. The cases of
section 6 that send invalid UTF-8 fail by design: here the JSON decoder detects it, and the connection stays open
(docs/transports.md).
"""

import asyncio
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

from asterisk_ari._transport.connecting_asyncio import connect as connect_async
from asterisk_ari._transport.connecting_sync import connect
from asterisk_ari._transport.websocket import event_stream_async, event_stream_sync, handshake
from asterisk_ari._transport.websocket.frame_parser import FrameParser
from asterisk_ari._transport.websocket.frames import BINARY, FrameHeader, encode_frame, text_frame
from asterisk_ari.settings import Settings

HOST = "127.0.0.1"
CASES = ["1.*", "2.*", "3.*", "4.*", "5.*", "6.*", "7.*", "9.*", "10.*"]
FINE = {"OK", "INFORMATIONAL", "NON-STRICT"}
START_SECONDS = 20.0
BY_DESIGN = "6."


class EchoParser(FrameParser):
    """Keeps binary messages, which the client itself ignores, so that they can be echoed too."""

    def __init__(self) -> None:
        super().__init__()
        self.binary: list[bytes] = []

    def _joined(self, header: FrameHeader, payload: bytes) -> bytes | None:
        if header.is_final and (self._message_opcode or header.opcode) == BINARY:
            self.binary.append(bytes(self._message) + payload)
        text = super()._joined(header, payload)
        return b"" if self.binary and text is None else text


def echoing(parser: EchoParser, write: Callable[[bytes], object], got: list[bytes]) -> Callable[[list[bytes]], None]:
    """Return a receiver that records text messages, and echoes each message."""

    def take(texts: list[bytes]) -> None:
        binary, parser.binary = parser.binary, []
        texts = [] if binary and texts == [b""] else texts
        got.extend(texts)
        for frame in [*map(text_frame, texts), *(encode_frame(BINARY, one, os.urandom(4)) for one in binary)]:
            write(frame)

    return take


def request(path: str, port: int, asked: handshake.Handshake) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: {HOST}:{port}\r\n{asked.headers}\r\n".encode()


def run_sync(port: int, path: str) -> list[bytes]:
    """Open a WebSocket, echo until it is closed, and return the texts."""
    connection = connect(HOST, port, time.monotonic() + 5)
    settings = Settings()
    asked = handshake.Handshake(settings)
    got: list[bytes] = []
    connection.sendall(request(path, port, asked))
    while (parser := asked.feed(connection.recv(65_536))) is None:
        pass
    echo = cast(EchoParser, parser)
    stream = event_stream_sync.EventStream(connection, echo, settings, time.monotonic)
    stream.read_until_closed(echoing(echo, stream._write, got))
    stream.release()
    return got


async def run_async(port: int, path: str) -> list[bytes]:
    """The same in the other variant."""
    protocol = await connect_async(event_stream_async.StreamProtocol, HOST, port)
    settings = Settings()
    asked = handshake.Handshake(settings)
    got: list[bytes] = []
    protocol.transport.write(request(path, port, asked))
    parser = await protocol.do_handshake(asked)
    echo = cast(EchoParser, parser)
    stream = event_stream_async.EventStream(protocol, echo, settings, time.monotonic)
    await stream.read_until_closed(echoing(echo, stream._write, got))
    await stream.release()
    return got


def run_cases(run: Any, port: int, agent: str) -> None:
    count = int(run(port, "/getCaseCount")[0])
    for number in range(1, count + 1):
        run(port, f"/runCase?case={number}&agent={agent}")
    run(port, f"/updateReports?agent={agent}")


def main(wstest: str) -> int:
    """Run all cases; 1 if one fails unexpectedly."""
    with socket.create_server((HOST, 0)) as free:
        port = free.getsockname()[1]
    setattr(handshake, "FrameParser", EchoParser)  # noqa: B010 - the name is not exported from there
    with tempfile.TemporaryDirectory() as folder:
        spec = {"url": f"ws://{HOST}:{port}", "outdir": "reports", "cases": CASES, "exclude-cases": [], "exclude-agent-cases": {}}
        Path(folder, "spec.json").write_text(json.dumps(spec), encoding="utf-8")
        command = [wstest, "-m", "fuzzingserver", "-s", "spec.json"]
        server = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            _wait_for(port)
            run_cases(run_sync, port, "sync")
            run_cases(lambda *arguments: asyncio.run(run_async(*arguments)), port, "async")
        finally:
            server.kill()
            server.wait()
        reports = json.loads(Path(folder, "reports/index.json").read_text(encoding="utf-8"))
    return int(sum(_report(agent, results) for agent, results in reports.items()) > 0)


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            socket.create_connection((HOST, port)).close()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            return


def _report(agent: str, results: dict[str, dict[str, Any]]) -> bool:
    failed = [case for case, one in results.items() if not {one["behavior"], one["behaviorClose"]} <= FINE]
    wrong = [case for case in failed if not case.startswith(BY_DESIGN)]
    print(f"{agent}: {len(results)} cases, {len(failed) - len(wrong)} fail by design, {len(wrong)} fail: {', '.join(wrong)}")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
