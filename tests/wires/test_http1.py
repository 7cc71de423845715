"""Reading answers, without sockets: however they are cut into pieces, they come out the same."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asterisk_ari._core.request import Request
from asterisk_ari._wire.http1 import MAX_BODY_BYTES, MAX_HEAD_BYTES, Encoder, Garbled, Incoming, query_of
from asterisk_ari.settings import load


def chunked(body: bytes, sizes: list[int]) -> bytes:
    data, at = b"", 0
    for size in sizes:
        piece = body[at : at + size]
        at += size
        data += b"%x\r\n%s\r\n" % (len(piece), piece) if piece else b""
    rest = body[at:]
    data += b"%x\r\n%s\r\n" % (len(rest), rest) if rest else b""
    return data + b"0\r\n\r\n"


def fed(data: bytes, cuts: list[int]) -> Incoming:
    incoming = Incoming()
    edges = sorted({0, len(data), *(cut % (len(data) + 1) for cut in cuts)})
    for start, end in pairwise(edges):
        incoming.feed(data[start:end])
    return incoming


@given(st.binary(max_size=400), st.lists(st.integers(0, 10_000), max_size=6), st.lists(st.integers(1, 80), max_size=5))
def test_pieces_do_not_matter(body: bytes, cuts: list[int], sizes: list[int]) -> None:
    with_length = b"HTTP/1.1 200 OK\r\nX: y\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
    in_chunks = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked(body, sizes)
    for data in (with_length, in_chunks):
        incoming = fed(data, cuts)
        assert incoming.is_done
        assert incoming.keep_alive
        assert (200, body) == (incoming.status, incoming.answer().content)


@given(st.binary(min_size=1, max_size=300), st.lists(st.integers(0, 1000), max_size=4))
def test_any_bytes_are_read_or_refused(data: bytes, cuts: list[int]) -> None:
    """Nothing but Garbled comes out of what is no HTTP."""
    try:
        incoming = fed(data, cuts)
        incoming.end()
    except Garbled:
        pass
    else:
        assert incoming.is_done


def test_an_end_without_an_end() -> None:
    for data in (b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab"):
        incoming = Incoming()
        incoming.feed(data)
        with pytest.raises(Garbled):
            incoming.end()


def test_heads_have_a_limit() -> None:
    incoming = Incoming()
    incoming.feed(b"HTTP/1.1 200 OK\r\nX: " + b"y" * (MAX_HEAD_BYTES - 100))
    with pytest.raises(Garbled):
        incoming.feed(b"y" * 100)


def test_requests_as_bytes() -> None:
    encoder = Encoder(load({}, host="::1", port=8088, username="u", password="p", prefix="/a b"))
    data = encoder.encode(Request("x", "POST", "/channels/a%2Fb", {"q": "ä &", "n": 5, "b": True}, {"k": "ü"}))
    head, _, body = data.partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    assert "POST /a%20b/ari/channels/a%2Fb?q=%C3%A4%20%26&n=5&b=true HTTP/1.1" == lines[0]
    assert {"Host: [::1]:8088", "Authorization: Basic dTpw", "Content-Type: application/json"} <= set(lines)
    assert f"Content-Length: {len(body)}" in lines
    assert '{"k":"ü"}'.encode() == body
    assert b"Content-Length: 0" in encoder.encode(Request("x", "DELETE", "/y"))
    assert b"Content-Length" not in encoder.encode(Request("x", "GET", "/y"))


def test_no_parameters_no_question_mark() -> None:
    assert "" == query_of({})


def test_a_chunk_comes_in_pieces() -> None:
    """A large chunk is taken as it comes: it is not copied for each piece, and its limit is not found at its end."""
    incoming = Incoming()
    incoming.feed(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n" % 2**20)
    for _ in range(15):
        incoming.feed(b"x" * 2**16)
        assert len(incoming.drain()) == 2**16
    assert incoming.feed(b"x" * 2**16 + b"\r\n0\r\n\r\n")
    endless = Incoming()
    endless.feed(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n" % 2**60)
    piece = b"x" * 2**24
    with pytest.raises(Garbled):
        for _ in range(MAX_BODY_BYTES // len(piece) + 1):
            endless.feed(piece)


@pytest.mark.parametrize("size", [b"-1", b"+5", b"0x5", b"1_0", b"", b"5 5", b"\xb2"])
def test_sizes_that_are_none(size: bytes) -> None:
    """What is no number for a server is none here, whatever else reads it as one."""
    with pytest.raises(Garbled):
        Incoming().feed(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%s\r\nabcde\r\n0\r\n\r\n" % size)
    with pytest.raises(Garbled):
        Incoming().feed(b"HTTP/1.1 200 OK\r\nContent-Length: %s\r\n\r\nabcde" % size)


def test_headers_are_a_mapping() -> None:
    """By name in any case; the last of several; a KeyError for none."""
    incoming = Incoming()
    incoming.feed(b"HTTP/1.1 204 No\r\nX-Y: 1\r\nx-y:  2 \r\nno colon\r\n\r\n")
    headers = incoming.answer().headers
    assert (headers["X-y"], list(headers), len(headers), "X-Y" in headers, "z" in headers) == ("2", ["x-y"], 1, True, False)
    with pytest.raises(KeyError):
        headers["z"]
