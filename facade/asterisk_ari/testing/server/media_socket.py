"""The media WebSocket of one leg, opened by either side: audio and commands from a program, audio and events to it."""

import asyncio
import os
from collections.abc import Callable
from typing import Any, cast

from asterisk_ari._transport.websocket.frames import BINARY, CLOSE, PING, PONG, TEXT, encode_frame
from asterisk_ari.testing.machine.calls import legs
from asterisk_ari.testing.machine.state.channels import ServerChannel
from asterisk_ari.testing.machine.state.media_leg import MediaLeg
from asterisk_ari.testing.server.client_messages import TOO_BIG, UNKNOWN_OPCODE, ClientMessages, FrameTooBig, close_code
from asterisk_ari.testing.server.server import Server
from asterisk_ari.testing.sound.frame_queue import XOFF_FRAMES, XON_FRAMES
from asterisk_ari.testing.sound.leg_messages import (
    JSON_ONLY,
    MAX_COMMAND_BYTES,
    PARSE_ERROR,
    UnreadableCommand,
    encode_event,
    read_command,
)

NORMAL = 1000
KEY_BYTES = 4
DIRECTIONS = {"both", "in", "out"}


class MediaSocket(asyncio.Protocol):
    """Becomes the protocol of a connection after its handshake."""

    def __init__(self, server: Server, channel: ServerChannel, leg: MediaLeg, *, is_client: bool) -> None:
        self._server, self._machine = server, server.machine
        self._channel, self._leg = channel, leg
        self._is_client = is_client
        self._messages = ClientMessages()
        self._transport: asyncio.Transport | None = None
        self._is_over = False

    # ------------------------------------------------------------------ asyncio

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Report that media can start; the leg is answered."""
        self._transport = cast(asyncio.Transport, transport)
        self._server.media_sockets.add(self)
        self._send_event("MEDIA_START", self._start_fields())
        self._run(lambda: legs.connect(self._machine, self._channel, self))

    def data_received(self, data: bytes) -> None:
        """Process received frames."""
        self._messages.feed(data)
        try:
            while not self._is_over and (message := self._messages.next()) is not None:
                self._run(lambda message=message: self._take(*message))  # type: ignore[misc]
        except FrameTooBig:
            self._end(TOO_BIG, is_lost=True)

    def connection_lost(self, exc: Exception | None) -> None:
        """The program has disconnected."""
        self._server.media_sockets.discard(self)
        if not self._is_over:
            self._is_over = True
            self._run(lambda: legs.hang_up(self._machine, self._channel, is_lost=True))

    def _run(self, action: Callable[[], object]) -> None:
        """Run an action at the current time of the server."""
        self._machine.timers.run(self._server.clock.now())
        self._server.recorder.note_activity()
        action()
        self._server.run_timers()

    # ------------------------------------------------------------------ from the program

    def _take(self, opcode: int, payload: bytes) -> None:
        if opcode == BINARY:
            self._leg.queue.add(payload)
            self.send_reports()
        elif opcode == TEXT:
            self._command(payload)
        elif opcode == PING:
            self._write(PONG, payload)
        elif opcode == CLOSE:
            self._end(close_code(payload), is_lost=True)
        elif opcode != PONG:
            self._end(UNKNOWN_OPCODE, is_lost=True)

    def _command(self, text: bytes) -> None:
        if len(text) > MAX_COMMAND_BYTES:
            return
        try:
            name, fields = read_command(text, is_json=self._leg.is_json)
        except UnreadableCommand:
            self._send_error(PARSE_ERROR)
            return
        if name == "SET_MEDIA_DIRECTION":
            self._set_direction(str(fields.get("direction", "")))
        elif name == "GET_STATUS":
            self._send_event("STATUS", self._status())
        elif name == "ANSWER":
            legs.answer(self._machine, self._channel)
        elif name == "HANGUP":
            self._end(NORMAL, is_lost=False)
        elif name in {"PAUSE_MEDIA", "CONTINUE_MEDIA"}:
            self._leg.queue.is_paused = name == "PAUSE_MEDIA"
        else:
            self._queue_command(name, str(fields.get("correlation_id", "")))

    def _queue_command(self, name: str, correlation_id: str) -> None:
        queue = self._leg.queue
        if name == "START_MEDIA_BUFFERING":
            queue.start_buffering()
        elif name == "STOP_MEDIA_BUFFERING":
            queue.stop_buffering(correlation_id)
        elif name == "MARK_MEDIA" and self._machine.has("media_marks"):
            queue.mark(correlation_id)
        elif name == "FLUSH_MEDIA":
            queue.flush()
        elif name == "REPORT_QUEUE_DRAINED":
            queue.report_drained()

    def _set_direction(self, direction: str) -> None:
        if not self._leg.is_json:
            self._send_error(JSON_ONLY)
        elif direction not in DIRECTIONS:
            self._send_error(f"'{direction}' is not a valid direction for SET_MEDIA_DIRECTION.\n")
        else:
            self._leg.direction = direction

    # ------------------------------------------------------------------ to the program

    def _start_fields(self) -> dict[str, Any]:
        leg, channel = self._leg, self._channel
        return {
            "connection_id": leg.connection_id,
            "channel": channel.name,
            "channel_id": channel.id,
            "format": leg.audio.name,
            "optimal_frame_size": leg.audio.frame_bytes,
            "ptime": 20,
            "channel_variables": dict(channel.variables),
        }

    def _status(self) -> dict[str, Any]:
        queue = self._leg.queue
        return {
            "channel_id": self._channel.id,
            "queue_length": queue.length,
            "xon_level": XON_FRAMES,
            "xoff_level": XOFF_FRAMES,
            "queue_full": queue.is_full,
            "bulk_media": queue.is_buffering,
            "media_paused": queue.is_paused,
        }

    def send_reports(self) -> None:
        """Send the pending reports of the queue."""
        for mark in self._leg.queue.take_passed_marks():
            has_id = mark.name.startswith("MEDIA_") and not mark.name.startswith("MEDIA_X")
            more = {"correlation_id": mark.correlation_id} if has_id else {}
            self._send_event(mark.name, {"channel_id": self._channel.id, **more})

    def send_audio(self, frame: bytes) -> None:
        """Send a frame."""
        self._write(BINARY, frame)

    def send_digit(self, digit: str) -> None:
        """Report that a digit was pressed."""
        self._send_event("DTMF_END", {"channel_id": self._channel.id, "digit": digit})

    def _send_error(self, text: str) -> None:
        self._send_event("ERROR", {"channel_id": self._channel.id, "error_text": text})

    def _send_event(self, name: str, fields: dict[str, Any]) -> None:
        self._write(TEXT, encode_event(name, fields, is_json=self._leg.is_json))

    def close(self) -> None:
        """Close the connection: the channel has ended."""
        self._close(NORMAL)

    def abort(self) -> None:
        """End the connection at once."""
        self._is_over = True
        if self._transport is not None:
            self._transport.abort()

    def _end(self, code: int, *, is_lost: bool) -> None:
        self._close(code)
        legs.hang_up(self._machine, self._channel, is_lost=is_lost)
        self._server.run_timers()

    def _close(self, code: int) -> None:
        if not self._is_over:
            self._write(CLOSE, code.to_bytes(2, "big"))
            self._is_over = True
            if self._transport is not None:
                self._transport.close()

    def _write(self, opcode: int, payload: bytes) -> None:
        if self._transport is not None and not self._is_over and not self._transport.is_closing():
            self._transport.write(encode_frame(opcode, payload, os.urandom(KEY_BYTES) if self._is_client else b""))
