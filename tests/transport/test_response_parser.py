"""Responses out of bytes, without sockets: strict as RFC 9112, and the same however the bytes are cut into pieces."""

import time
from collections.abc import Callable, Iterable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asterisk_ari._transport.http.response_head import MAX_HEAD_BYTES
from asterisk_ari._transport.http.response_parser import (
    MAX_BODY_BYTES,
    MAX_CHUNK_LINE_BYTES,
    MAX_INTERIM_RESPONSES,
    MAX_TRAILER_BYTES,
    ResponseParser,
)
from asterisk_ari._transport.transport_errors import RemoteProtocolError

OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
EARLY_HINTS = b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n"


def chunked(body: bytes, sizes: list[int]) -> bytes:
    data, at = b"", 0
    for size in sizes:
        piece = body[at : at + size]
        at += size
        data += b"%x\r\n%s\r\n" % (len(piece), piece) if piece else b""
    rest = body[at:]
    data += b"%x\r\n%s\r\n" % (len(rest), rest) if rest else b""
    return data + b"0\r\n\r\n"


def fed(data: bytes, cuts: Iterable[int] = ()) -> ResponseParser:
    parser = ResponseParser()
    edges = sorted({0, len(data), *(cut % (len(data) + 1) for cut in cuts)})
    for start, end in pairwise(edges):
        parser.feed(data[start:end])
    return parser


@given(st.binary(max_size=400), st.lists(st.integers(0, 10_000), max_size=6), st.lists(st.integers(1, 80), max_size=5))
def test_pieces_do_not_matter(body: bytes, cuts: list[int], sizes: list[int]) -> None:
    with_length = b"HTTP/1.1 200 OK\r\nX: y\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
    for data in (with_length, CHUNKED + chunked(body, sizes), EARLY_HINTS + with_length):
        parser = fed(data, cuts)
        assert parser.is_done
        assert parser.keep_alive
        assert (200, body) == (parser.status, parser.response().content)


@given(st.binary(min_size=1, max_size=300), st.lists(st.integers(0, 1000), max_size=4))
def test_any_bytes_are_parsed_or_refused(data: bytes, cuts: list[int]) -> None:
    """Nothing but RemoteProtocolError comes out of what is not HTTP."""
    for begun in (b"", OK, CHUNKED):
        try:
            parser = fed(begun + data, cuts)
            parser.end()
        except RemoteProtocolError:
            pass
        else:
            assert parser.is_done


# What RFC 9112 says of each: the body, and whether the connection may be used again.
ACCEPTED = {
    "content length": (OK + b"Content-Length: 2\r\n\r\n{}", b"{}", True),
    "no reason phrase": (b"HTTP/1.1 200\r\nContent-Length: 2\r\n\r\n{}", b"{}", True),
    "an empty reason phrase": (b"HTTP/1.1 200 \r\nContent-Length: 2\r\n\r\n{}", b"{}", True),
    "blanks around the value": (OK + b"Content-Length: \t 2 \t\r\n\r\n{}", b"{}", True),
    "no blank before the value": (OK + b"CONTENT-LENGTH:2\r\n\r\n{}", b"{}", True),
    "a folded line": (OK + b"Content-Length:\r\n 2\r\n\r\n{}", b"{}", True),
    "a folded line of another field": (OK + b"X: a\r\n\tb\r\nContent-Length: 2\r\n\r\n{}", b"{}", True),
    "a length within a folded line": (OK + b"X: a\r\n Content-Length: 2\r\nContent-Length: 1\r\n\r\n{", b"{", True),
    "the same length twice": (OK + b"Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}", b"{}", True),
    "the same length in a list": (OK + b"Content-Length: 2, 2\r\n\r\n{}", b"{}", True),
    "leading zeros": (OK + b"Content-Length: 0002\r\n\r\n{}", b"{}", True),
    "bytes that are not ASCII in a value": (OK + b"X: \xe9\xff\r\nContent-Length: 2\r\n\r\n{}", b"{}", True),
    "an empty value": (OK + b"X:\r\nContent-Length: 2\r\n\r\n{}", b"{}", True),
    "chunked": (CHUNKED + b"1\r\n{\r\n1\r\n}\r\n0\r\n\r\n", b"{}", True),
    "chunked in capitals": (OK + b"TRANSFER-ENCODING: CHUNKED\r\n\r\n2\r\n{}\r\n0\r\n\r\n", b"{}", True),
    "chunk extensions": (CHUNKED + b'2;a=b ;c="d;e"\r\n{}\r\n0;x\r\n\r\n', b"{}", True),
    "a chunk size with zeros": (CHUNKED + b"0002\r\n{}\r\n000\r\n\r\n", b"{}", True),
    "trailers": (CHUNKED + b"2\r\n{}\r\n0\r\nX: y\r\nContent-Length: 5\r\n\r\n", b"{}", True),
    "up to the end of the connection": (OK + b"\r\n{}", b"{}", False),
    "204": (b"HTTP/1.1 204 No Content\r\n\r\n", b"", True),
    "204 with a length of 0": (b"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n", b"", True),
    "204 with a length": (b"HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n", b"", False),
    "204 with chunks": (b"HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n", b"", False),
    "304 with a length": (b"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", b"", False),
    "205 has no rule of its own": (b"HTTP/1.1 205 Reset Content\r\nContent-Length: 0\r\n\r\n", b"", True),
    "205 without a length": (b"HTTP/1.1 205 Reset Content\r\n\r\n", b"", False),
    "interim responses": (EARLY_HINTS * 3 + b"HTTP/1.1 100 Continue\r\n\r\n" + OK + b"Content-Length: 2\r\n\r\n{}", b"{}", True),
    "Connection: close": (OK + b"Connection: x , Close\r\nContent-Length: 2\r\n\r\n{}", b"{}", False),
    "close beside keep-alive": (OK + b"Connection: keep-alive\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", b"", False),
    "a word that only contains close": (OK + b"Connection: disclose\r\nContent-Length: 0\r\n\r\n", b"", True),
    "HTTP/1.0": (b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n{}", b"{}", False),
    "HTTP/1.0 kept alive": (b"HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 2\r\n\r\n{}", b"{}", True),
    "more than the length": (OK + b"Content-Length: 2\r\n\r\n{}HTTP/1.1 200 OK", b"{}", False),
    "more than the chunks": (CHUNKED + b"2\r\n{}\r\n0\r\n\r\nHTTP/1.1 200 OK", b"{}", False),
    "more than 204": (b"HTTP/1.1 204 No Content\r\n\r\n{}", b"", False),
}


@pytest.mark.parametrize("whole", [True, False], ids=["in one piece", "byte by byte"])
@pytest.mark.parametrize("case", ACCEPTED)
def test_accepted(case: str, whole: bool) -> None:
    data, body, keep_alive = ACCEPTED[case]
    parser = fed(data, [] if whole else range(len(data)))
    parser.end()
    assert (body, keep_alive) == (parser.response().content, parser.keep_alive)


REFUSED = {
    "an unknown transfer coding": OK + b"Transfer-Encoding: notchunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    "a compressed body": OK + b"Transfer-Encoding: gzip, chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    "chunked twice": OK + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    "chunked with a parameter": OK + b"Transfer-Encoding: chunked;q=1\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    "chunked and then another": OK + b"Transfer-Encoding: chunked, identity\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    "no transfer coding": OK + b"Transfer-Encoding:\r\n\r\n{}",
    "chunked in HTTP/1.0": b"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    "a length beside chunked": OK + b"Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    "a length before chunked": OK + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    "a blank before the colon": OK + b"Content-Length : 2\r\n\r\n{}",
    "a tab before the colon": OK + b"Transfer-Encoding\t: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    "a folded first line": OK + b" Content-Length: 2\r\n\r\n{}",
    "a negative length": OK + b"Content-Length: -2\r\n\r\n{}",
    "a length with a sign": OK + b"Content-Length: +2\r\n\r\n{}",
    "a length that is not a number": OK + b"Content-Length: many\r\n\r\n{}",
    "a length in other digits": OK + b"Content-Length: \xb2\r\n\r\n{}",
    "a length in hexadecimal": OK + b"Content-Length: 0x2\r\n\r\n{}",
    "a length with a blank": OK + b"Content-Length: 2 2\r\n\r\n{}",
    "an empty length": OK + b"Content-Length:\r\n\r\n{}",
    "an endless length": OK + b"Content-Length: " + b"9" * 100 + b"\r\n\r\n{}",
    "two lengths": OK + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
    "two lengths in a list": OK + b"Content-Length: 2, 3\r\n\r\n{}",
    "a length and nothing": OK + b"Content-Length: 2\r\nContent-Length:\r\n\r\n{}",
    "bare line feeds": b"HTTP/1.1 200 OK\nContent-Length: 2\n\n{}",
    "a bare line feed in a field": OK + b"X: y\nContent-Length: 2\r\n\r\n{}",
    "a bare carriage return in a field": OK + b"X: y\rContent-Length: 2\r\n\r\n{}",
    "a null character": OK + b"X: \0\r\nContent-Length: 2\r\n\r\n{}",
    "a line without a colon": OK + b"Content-Length 2\r\n\r\n{}",
    "a field without a name": OK + b": 2\r\nContent-Length: 2\r\n\r\n{}",
    "a name with a blank": OK + b"Content Length: 2\r\n\r\n{}",
    "a name that is not ASCII": OK + b"\xc4: 2\r\nContent-Length: 2\r\n\r\n{}",
    "no status": b"HTTP/1.1 OK\r\n\r\n",
    "a status of two digits": b"HTTP/1.1 20 OK\r\n\r\n",
    "a status of four digits": b"HTTP/1.1 2000 OK\r\n\r\n",
    "another version": b"HTTP/2.0 200 OK\r\nContent-Length: 2\r\n\r\n{}",
    "another minor version": b"HTTP/1.2 200 OK\r\nContent-Length: 2\r\n\r\n{}",
    "a version in small letters": b"http/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",
    "an empty line first": b"\r\n" + OK + b"Content-Length: 2\r\n\r\n{}",
    "another protocol": b"SSH-2.0-OpenSSH_9.6\r\n\r\n",
    "an upgrade that was not requested": b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n",
    "no chunk size": CHUNKED + b"\r\n{}\r\n0\r\n\r\n",
    "a chunk size that is not a number": CHUNKED + b"zz\r\n{}\r\n0\r\n\r\n",
    "a negative chunk size": CHUNKED + b"-2\r\n{}\r\n0\r\n\r\n",
    "a chunk size with a sign": CHUNKED + b"+2\r\n{}\r\n0\r\n\r\n",
    "a chunk size with a prefix": CHUNKED + b"0x2\r\n{}\r\n0\r\n\r\n",
    "a chunk size with an underscore": CHUNKED + b"0_2\r\n{}\r\n0\r\n\r\n",
    "a blank before the chunk size": CHUNKED + b" 2\r\n{}\r\n0\r\n\r\n",
    "a blank after the chunk size": CHUNKED + b"2 \r\n{}\r\n0\r\n\r\n",
    "junk after the chunk size": CHUNKED + b"2 x\r\n{}\r\n0\r\n\r\n",
    "an endless chunk size": CHUNKED + b"0" * 17 + b"2\r\n{}\r\n0\r\n\r\n",
    "a bare line feed after the chunk size": CHUNKED + b"2\n{}\r\n0\r\n\r\n",
    "a bare line feed in a chunk extension": CHUNKED + b"2;x\ny\r\n{}\r\n0\r\n\r\n",
    "a chunk longer than its size": CHUNKED + b"2\r\n{}xx0\r\n\r\n",
    "a chunk that ends in the wrong order": CHUNKED + b"2\r\n{}\n\r0\r\n\r\n",
    "a chunk that ends in a line feed": CHUNKED + b"2\r\n{}\n0\r\n\r\n",
    "a chunk that ends in a carriage return and another byte": CHUNKED + b"2\r\n{}\rx0\r\n\r\n",
    "a chunk that ends in another byte and a line feed": CHUNKED + b"2\r\n{}x\n0\r\n\r\n",
    "a malformed trailer": CHUNKED + b"2\r\n{}\r\n0\r\nno colon\r\n\r\n",
    "a trailer with a bare line feed": CHUNKED + b"2\r\n{}\r\n0\r\nX: y\nZ\r\n\r\n",
    "no end": OK + b"Content-Length: 3\r\n\r\n{}",
    "no end of a chunk": CHUNKED + b"3\r\n{}",
    "no last chunk": CHUNKED + b"2\r\n{}\r\n",
    "no end of the trailers": CHUNKED + b"2\r\n{}\r\n0\r\n",
    "no end of the head": OK + b"Content-Length: 2\r\n",
    "nothing": b"",
}


@pytest.mark.parametrize("whole", [True, False], ids=["in one piece", "byte by byte"])
@pytest.mark.parametrize("case", REFUSED)
def test_refused(case: str, whole: bool) -> None:
    data = REFUSED[case]
    with pytest.raises(RemoteProtocolError):
        fed(data, [] if whole else range(len(data))).end()


@pytest.mark.parametrize("whole", [True, False], ids=["in one piece", "in pieces"])
@pytest.mark.parametrize(
    ("begun", "endless", "most"),
    [
        (OK + b"X: ", b"y" * 1000, MAX_HEAD_BYTES),
        (OK, b"X: y\r\n", MAX_HEAD_BYTES),
        (b"", EARLY_HINTS, MAX_INTERIM_RESPONSES * len(EARLY_HINTS)),
        (b"", b"HTTP/1.1 103 X\r\nX: " + b"y" * 8000 + b"\r\n\r\n", MAX_HEAD_BYTES),
        (CHUNKED + b"0\r\n", b"X: y\r\n", MAX_TRAILER_BYTES * 2),
        (CHUNKED + b"0\r\nX: ", b"y" * 100, MAX_CHUNK_LINE_BYTES),
        (CHUNKED + b"2;", b"y" * 100, MAX_CHUNK_LINE_BYTES),
        (CHUNKED, b"0" * 100, MAX_CHUNK_LINE_BYTES),
    ],
    ids=[
        "field",
        "fields",
        "interim responses",
        "long interim responses",
        "trailers",
        "trailer",
        "chunk extension",
        "chunk size",
    ],
)
def test_what_has_no_end_is_refused(begun: bytes, endless: bytes, most: int, whole: bool) -> None:
    """Soon after the limit, whether it comes at once or bit by bit."""
    with pytest.raises(RemoteProtocolError):
        if whole:
            fed(begun + endless * (most // len(endless) + 2) + b"\r\n\r\n")
        else:
            fed(begun + endless * (most // len(endless) + 2), range(0, most * 2, 50))


def test_heads_within_the_limit() -> None:
    head = OK + b"X: %s\r\nContent-Length: 0" % (b"y" * (MAX_HEAD_BYTES - len(OK) - 100))
    assert fed(head + b"\r\n\r\n").is_done
    assert fed(EARLY_HINTS * MAX_INTERIM_RESPONSES + OK + b"Content-Length: 0\r\n\r\n").is_done


def test_a_chunk_comes_in_pieces() -> None:
    """A large chunk is taken as it comes: it is not copied for each piece, and its limit is not found at its end."""
    parser = ResponseParser()
    parser.feed(CHUNKED + b"%x\r\n" % 2**20)
    for _ in range(15):
        parser.feed(b"x" * 2**16)
        assert len(parser.drain()) == 2**16
    assert parser.feed(b"x" * 2**16 + b"\r\n0\r\n\r\n")
    endless = ResponseParser()
    endless.feed(CHUNKED + b"%x\r\n" % 2**60)
    piece = b"x" * 2**24
    with pytest.raises(RemoteProtocolError):
        for _ in range(MAX_BODY_BYTES // len(piece) + 1):
            endless.feed(piece)


def one_byte_chunks(count: int) -> list[bytes]:
    return [CHUNKED + b"1\r\na\r\n" * count + b"0\r\n\r\n"]


def one_byte_chunks_in_one_byte_pieces(count: int) -> list[bytes]:
    return [bytes((byte,)) for byte in CHUNKED + b"1\r\na\r\n" * (count // 4) + b"0\r\n\r\n"]


def a_body_in_one_byte_pieces(count: int) -> list[bytes]:
    return [OK + b"Content-Length: %d\r\n\r\n" % count, *[b"a"] * count]


def a_chunk_in_one_byte_pieces(count: int) -> list[bytes]:
    return [CHUNKED + b"%x\r\n" % count, *[b"a"] * count, b"\r\n0\r\n\r\n"]


def a_head_in_one_byte_pieces(count: int) -> list[bytes]:
    return [*(bytes((byte,)) for byte in OK + b"X: y\r\n" * (count // 6) + b"Content-Length: 0\r\n"), b"\r\n"]


def seconds(pieces: list[bytes], repeat: int) -> float:
    """The least CPU time of several attempts: other processes only add to it."""
    found = []
    for _ in range(5):
        begun = time.process_time()
        for _ in range(repeat):
            parser = ResponseParser()
            for piece in pieces:
                parser.feed(piece)
            parser.drain()
        found.append(time.process_time() - begun)
        assert parser.is_done
    return min(found)


@pytest.mark.parametrize(
    ("make", "count"),
    [
        (one_byte_chunks, 8000),
        (one_byte_chunks_in_one_byte_pieces, 8000),
        (a_body_in_one_byte_pieces, 20_000),
        (a_chunk_in_one_byte_pieces, 20_000),
        (a_head_in_one_byte_pieces, 6000),
    ],
)
def test_the_cost_is_linear(make: Callable[[int], list[bytes]], count: int) -> None:
    """Eight times the bytes cost about eight times as much, where quadratic costs would be 64 times."""
    small, large = make(count), make(count * 8)
    assert seconds(large, 1) < seconds(small, 4) / 4 * 8 * 2.5


def test_small_pieces_do_not_fill_memory() -> None:
    """Bytes that come one by one are put together: a list of them would take fifty times the space."""
    parser = ResponseParser()
    parser.feed(OK + b"Content-Length: 100000\r\n\r\n")
    for _ in range(50_000):
        parser.feed(b"ab")
    assert len(parser._pieces) < 10
    assert b"ab" * 50_000 == parser.drain()


def test_headers_are_a_mapping() -> None:
    """By name in any case; several of one name are one list; a KeyError for none."""
    headers = fed(b"HTTP/1.1 204 No\r\nX-Y: 1\r\nx-y:  2 \r\n\r\n").response().headers
    assert ("1, 2", ["x-y"], 1, True, False) == (headers["X-y"], list(headers), len(headers), "X-Y" in headers, "z" in headers)
    with pytest.raises(KeyError):
        headers["z"]
