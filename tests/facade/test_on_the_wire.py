"""What leaves the client: encoded ids, credentials, bodies; and what never leaves it."""

import base64
from typing import Any
from urllib.parse import unquote

import pytest

from asterisk_ari.errors import BadArgument
from tests.core.calls import REFUSED
from tests.facade.colours import FACES, Face
from tests.facade.fake_server import FakeServer

IDS = {
    "a/b": "a%2Fb",
    "a+b": "a%2Bb",
    "a#b": "a%23b",
    "a?b": "a%3Fb",
    "a%b": "a%25b",
    "a%2Fb": "a%252Fb",
    "a b": "a%20b",
    "é": "%C3%A9",
    "a/../b": "a%2F..%2Fb",
    "...": "...",
    "a\\b": "a%5Cb",
    "a;b=c&d": "a%3Bb%3Dc%26d",
    "1735689600.42": "1735689600.42",
}


@pytest.mark.parametrize(("id", "encoded"), IDS.items())
def test_ids_reach_the_server_as_they_are(face: Face, server: FakeServer, ari: Any, id: str, encoded: str) -> None:
    """An id is one segment of the path, whatever is in it; neither the client nor httpx reads a path out of it."""
    face.do(ari.answer_channel(id))
    sent = server.last()
    assert (f"/ari/channels/{encoded}/answer", {}) == (sent.path, sent.query)
    assert id == unquote(sent.path.split("/")[3])


@pytest.mark.parametrize("value", ["a+b", "a b", "é", "a&b=c", "100%", "#", "?", "", "a;b", "x\ny"])
def test_values_reach_the_server_as_they_are(face: Face, server: FakeServer, ari: Any, value: str) -> None:
    """A value in the query is decoded to what was given."""
    face.do(ari.set_channel_variable("NAME", value, "1"))
    assert {"variable": "NAME", "value": value} == server.last().query


def test_a_body_says_that_it_is_json(face: Face, server: FakeServer, ari: Any) -> None:
    """Without its content type the server would ignore it silently."""
    face.do(ari.operation("channels.setChannelVars", channelId="1", variables={"A": "é"}))
    assert ("application/json", {"variables": {"A": "é"}}) == (server.last().headers["content-type"], server.last().body)


@pytest.mark.parametrize(
    ("username", "password"),
    [
        ("asterisk", "a:b"),
        ("asterisk", "a@b/c%d e"),
        ("ast erisk@home/x%41", "p"),
        ("ütf", "pässwörd ✓"),
        ("u", "x" * 255),
        ("u", "é" * 127),
        ("u", '"quoted\\'),
    ],
)
def test_credentials_reach_the_server_intact(face: Face, server: FakeServer, username: str, password: str) -> None:
    """Basic authentication carries user and password in UTF-8, and neither is in the address."""
    ari = face.connected(server, username=username, password=password)
    server.answer(json=[])
    face.do(ari.list_channels())
    kind, _, encoded = server.last().headers["authorization"].partition(" ")
    assert ("Basic", f"{username}:{password}") == (kind, base64.b64decode(encoded).decode())
    assert ("/ari/channels", {}) == (server.last().path, server.last().query)
    assert f"'{password}'" not in repr(ari.settings)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"username": "a:b"}, "colon"),
        ({"username": "x" * 256}, "255 bytes"),
        ({"password": "é" * 128}, "255 bytes"),
        ({"username": "a\nb"}, "control"),
        ({"password": "a\x00b"}, "control"),
        ({"password": "a\x7fb"}, "control"),
        ({"username": ""}, "empty"),
        ({"password": "\ud800"}, "UTF-8"),
    ],
)
@pytest.mark.parametrize("colour", FACES, ids=[face.colour for face in FACES])
def test_credentials_that_cannot_work_are_refused(colour: type[Face], settings: dict[str, str], words: str) -> None:
    """What the server would cut or misread is said at once, without showing it."""
    with pytest.raises(BadArgument, match=words) as caught:
        colour.client_class(**settings)
    assert not [value for value in settings.values() if value and value in str(caught.value)]


def test_nothing_refused_is_sent(face: Face, server: FakeServer, ari: Any) -> None:
    """Each call that the guards refuse raises before the wire sees it."""
    for operation, parameters, words, kind in REFUSED:
        with pytest.raises(kind, match=words):
            face.do(ari.operation(operation, **parameters))
    assert [] == server.sent
