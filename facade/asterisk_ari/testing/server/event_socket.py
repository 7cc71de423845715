"""An event WebSocket of the server, opened by either side: events out, requests in."""

import asyncio
import os
from collections import deque
from typing import Any

from msgspec.json import encode

from asterisk_ari._transport.websocket.frames import BINARY, CLOSE, PING, PONG, TEXT, encode_frame
from asterisk_ari.testing.request import BodyError, User, parse_json
from asterisk_ari.testing.server.client_messages import TOO_BIG, UNKNOWN_OPCODE, ClientMessages, FrameTooBig, close_code
from asterisk_ari.testing.server.rest_over_websocket import answer_message
from asterisk_ari.testing.server.server import Server

MAX_UNREAD_BYTES = 4_600_000
KEY_BYTES = 4


class EventSocket:
    """A connection once it is a WebSocket. Its frames are masked if this end opened it (`is_client`)."""

    is_client = False

    def __init__(self, server: Server) -> None:
        self.apps: list[str] = []
        self.user: User | None = None
        self.last_pong: bytes = b""
        self.ignores_pings: bool = False
        self._server = server
        self._transport: asyncio.Transport
        self._messages: ClientMessages | None = None
        self._unhandled: deque[tuple[int, bytes]] = deque()
        self._is_executing = False
        self._is_aborted = False
        self._unsent: list[bytes] = []

    @staticmethod
    def _call_later(seconds: float, callback: Any, *arguments: Any) -> asyncio.TimerHandle:
        return asyncio.get_running_loop().call_later(seconds, callback, *arguments)

    @property
    def is_event_socket(self) -> bool:
        """Whether it has become an event WebSocket."""
        return self._messages is not None

    @property
    def is_closing(self) -> bool:
        """Whether it is closed or being closed."""
        return self._transport.is_closing()

    def disconnect(self) -> None:
        """Close the connection once everything has been sent."""
        self._transport.close()

    def abort(self) -> None:
        """Close the connection at once."""
        self._is_aborted = True
        self._transport.abort()

    def _frame(self, opcode: int, payload: bytes) -> bytes:
        return encode_frame(opcode, payload, os.urandom(KEY_BYTES) if self.is_client else b"")

    def send_event(self, event: dict[str, Any]) -> None:
        """Send an event, unless a fault loses it; simultaneous events are sent in one write."""
        faults = self._server.faults
        if faults.lost_events and faults.loses(event):
            return
        try:
            data = self._frame(TEXT, encode(event))
        except UnicodeEncodeError:  # not encodable as JSON: Asterisk does not send the event
            return
        self._server.recorder.add_event(event)
        if faults.event_delay_seconds:
            self._call_later(faults.event_delay_seconds, self._write_frames, data)
            return
        if not self._unsent:
            asyncio.get_running_loop().call_soon(self._write_frames, b"")
        self._unsent.append(data)

    def send_frame(self, opcode: int, payload: bytes) -> None:
        """Send a frame after the pending events."""
        self._write_frames(self._frame(opcode, payload))

    def _write_frames(self, data: bytes) -> None:
        """Send encoded frames after the unsent ones; a client that reads too slowly is disconnected, possibly within a frame."""
        unsent, self._unsent = self._unsent, []
        if self.is_closing:
            return
        self._transport.write(b"".join((*unsent, data)))
        if self._transport.get_write_buffer_size() > MAX_UNREAD_BYTES:
            self._transport.abort()

    def close(self, code: int) -> None:
        """Close the WebSocket with a close frame."""
        if not self.is_closing:
            self.send_frame(CLOSE, code.to_bytes(2, "big"))
            self._transport.close()

    def _read_frames(self, messages: ClientMessages, data: bytes) -> None:
        messages.feed(data)
        try:
            while (message := messages.next()) is not None:
                if message[0] == PONG:  # it has no visible effect, so it need not wait
                    self._handle_message(*message)
                else:
                    self._unhandled.append(message)
        except FrameTooBig:
            self._unhandled.append((CLOSE, TOO_BIG.to_bytes(2, "big")))
        self._handle_messages()

    def begin_request(self) -> None:
        """Stop handling messages: Asterisk's thread for this WebSocket waits until the request is executed."""
        self._is_executing = True

    def end_request(self) -> None:
        """The request has been executed: handle what arrived in the meantime."""
        self._is_executing = False
        asyncio.get_running_loop().call_soon(self._handle_messages)

    def _handle_messages(self) -> None:
        while self._unhandled and not self._is_executing and not self.is_closing:
            self._handle_message(*self._unhandled.popleft())

    def _handle_message(self, opcode: int, payload: bytes) -> None:
        if opcode == CLOSE:
            self.close(close_code(payload))
        elif opcode == PING:
            self.send_frame(PONG, payload)
        elif opcode == PONG:
            self.last_pong = payload
            self.ignores_pings = False
        elif opcode == TEXT:
            self._read_text(payload)
        elif opcode != BINARY:
            self.close(UNKNOWN_OPCODE)

    def _read_text(self, payload: bytes) -> None:
        if not self._server.machine.has("rest_over_websocket") or not self.apps:
            return
        try:
            message = parse_json(payload)
        except BodyError:
            message = None
        answer_message(self._server, self, message)
