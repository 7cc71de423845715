"""Reads the requests, answers and events out of the bytes that pass between a program and a server."""

import json
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from asterisk_ari._core.requests.response import Response
from asterisk_ari._transport.http.response_parser import ResponseParser
from asterisk_ari._transport.websocket.frame_parser import CloseFrameReceived, FrameParser
from asterisk_ari.cli.ladder.session_writer import OpenRequest, SessionWriter
from asterisk_ari.testing.replay.session import kept_request
from asterisk_ari.testing.request import Request
from asterisk_ari.testing.server.http1 import RequestParser

MAX_REQUEST_BYTES = 16 * 1024 * 1024
END_OF_HEAD = b"\r\n\r\n"
UPGRADED = b"HTTP/1.1 101"
EVENTS_PATH = "/ari/events"


class TrafficTap:
    """One connection of a program: bytes of either direction go in, entries come out.

    Args:
        writer: takes requests with their answers, and events.
        prefix: of the server's HTTP.
        on_event: is told of each event.
    """

    def __init__(self, writer: SessionWriter, prefix: str, on_event: Callable[[Mapping[str, Any]], None]) -> None:
        self._writer, self._prefix, self._on_event = writer, prefix, on_event
        self._requests = RequestParser(MAX_REQUEST_BYTES)
        self._open: deque[OpenRequest | None] = deque()  # None is one that asks for a WebSocket
        self._response = ResponseParser()
        self._head = bytearray()
        self._wants_events = self._is_audio = False
        self._from_program: FrameParser | None = None
        self._from_server: FrameParser | None = None
        self._over_websocket: dict[str, OpenRequest] = {}

    def sent(self, data: bytes) -> None:
        """Take bytes of the program.

        Raises:
            Exception: they cannot be read.
        """
        if self._is_audio:
            return
        if self._from_program is not None:
            self._from_program.feed(data)
            for text in _texts(self._from_program):
                self._ask_over_websocket(json.loads(text))
            return
        self._requests.feed(data)
        while (parsed := self._requests.next()) is not None:
            target = parsed.target.removeprefix(self._prefix)
            if "websocket" in parsed.headers.get("upgrade", "").lower():
                self._open.append(None)
                self._wants_events = target.partition("?")[0] == EVENTS_PATH
            else:
                request = Request(parsed.method, target, parsed.headers, parsed.body)
                self._open.append(self._writer.begin(kept_request(request)))

    def received(self, data: bytes) -> None:
        """Take bytes of the server.

        Raises:
            Exception: they cannot be read.
        """
        if self._is_audio:
            return
        if self._from_server is not None:
            self._read_events(data)
        elif self._open and self._open[0] is None:
            self._head += data
            head, found, rest = bytes(self._head).partition(END_OF_HEAD)
            if found and head.startswith(UPGRADED) and not self._wants_events:
                self._is_audio = True
            elif found and head.startswith(UPGRADED):
                self._from_server, self._from_program = FrameParser(), FrameParser(is_client=False)
                self._read_events(rest)
            elif found:
                self._head.clear()
                self._read_response(head + found + rest)
        else:
            self._read_response(data)

    def end(self) -> None:
        """The connection is over."""
        for one in (*self._open, *self._over_websocket.values()):
            if one is not None:
                self._writer.give_up(one)

    def _read_response(self, data: bytes) -> None:
        if not self._open or not self._response.feed(data):
            return
        done, self._response = self._response.response(), ResponseParser()
        if (request := self._open.popleft()) is not None:
            self._writer.answer(request, done.status_code, _content(done))

    def _read_events(self, data: bytes) -> None:
        assert self._from_server is not None  # noqa: S101 - set by `received`
        self._from_server.feed(data)
        for text in _texts(self._from_server):
            event = json.loads(text)
            if event.get("type") != "RESTResponse":
                self._writer.event(event)
                self._on_event(event)
            elif (request := self._over_websocket.pop(str(event.get("request_id")), None)) is not None:
                self._writer.answer(request, int(event["status_code"]), _json_or_text(event.get("message_body")))

    def _ask_over_websocket(self, message: Mapping[str, Any]) -> None:
        if message.get("type") != "RESTRequest":
            return
        query = urlencode([(one["name"], one["value"]) for one in message.get("query_strings") or ()])
        uri = str(message.get("uri", "")).lstrip("/")
        target = f"/ari/{uri}" + (f"{'&' if '?' in uri else '?'}{query}" if query else "")
        headers = {"content-type": str(message.get("content_type", ""))}
        body = str(message.get("message_body") or "").encode()
        request = kept_request(Request(str(message["method"]), target, headers, body))
        self._over_websocket[str(message.get("request_id"))] = self._writer.begin(request)


def _content(response: Response) -> Any:
    """JSON, bytes, or None."""
    if not response.content:
        return None
    return response.json() if "json" in response.headers.get("content-type", "") else response.content


def _texts(frames: FrameParser) -> list[bytes]:
    """The text messages that are complete."""
    found: list[bytes] = []
    try:
        while texts := frames.receive(lambda _: None):
            found += texts
    except CloseFrameReceived:
        pass  # what comes behind it is nothing
    return found


def _json_or_text(text: Any) -> Any:
    try:
        return json.loads(text) if text else None
    except ValueError:
        return text
