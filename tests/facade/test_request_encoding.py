"""What leaves the client: encoded ids, credentials, bodies; and what never leaves it."""

import base64
from typing import Any
from urllib.parse import unquote

import pytest

from asterisk_ari.errors import BadArgument
from tests.core.calls import REFUSED
from tests.facade.variants import VARIANTS, Variant
from tests.servers.script import Script

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
def test_ids_reach_the_server_as_they_are(variant: Variant, server: Script, ari: Any, id: str, encoded: str) -> None:
    """An id is one segment of the path, whatever is in it; neither the client nor httpx reads a path out of it."""
    variant.do(ari.answer_channel(id))
    sent = server.last_call
    assert (f"/ari/channels/{encoded}/answer", {}) == (sent.path, sent.query)
    assert id == unquote(sent.path.split("/")[3])


@pytest.mark.parametrize("value", ["a+b", "a b", "é", "a&b=c", "100%", "#", "?", "", "a;b", "x\ny"])
def test_values_reach_the_server_as_they_are(variant: Variant, server: Script, ari: Any, value: str) -> None:
    """A value in the query is decoded to what was given."""
    variant.do(ari.set_channel_variable("NAME", value, "1"))
    assert {"variable": "NAME", "value": value} == server.last_call.query


def test_a_body_says_that_it_is_json(variant: Variant, server: Script, ari: Any) -> None:
    """Without its content type the server would ignore it silently."""
    variant.do(ari.operation("channels.setChannelVars", channelId="1", variables={"A": "é"}))
    assert ("application/json", {"variables": {"A": "é"}}) == (server.last_call.headers["content-type"], server.last_call.body)


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
def test_credentials_reach_the_server_intact(variant: Variant, server: Script, username: str, password: str) -> None:
    """Basic authentication carries user and password in UTF-8, and neither is in the address."""
    ari = variant.connected(server, username=username, password=password)
    server.reply(json=[])
    variant.do(ari.list_channels())
    kind, _, encoded = server.last_call.headers["authorization"].partition(" ")
    assert ("Basic", f"{username}:{password}") == (kind, base64.b64decode(encoded).decode())
    assert ("/ari/channels", {}) == (server.last_call.path, server.last_call.query)
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
@pytest.mark.parametrize("variant_class", VARIANTS, ids=[variant.name for variant in VARIANTS])
def test_credentials_that_cannot_work_are_refused(variant_class: type[Variant], settings: dict[str, str], words: str) -> None:
    """What the server would cut or misread is said at once, without showing it."""
    with pytest.raises(BadArgument, match=words) as caught:
        variant_class.client_class(**settings)
    assert not [value for value in settings.values() if value and value in str(caught.value)]


def test_nothing_refused_is_sent(variant: Variant, server: Script, ari: Any) -> None:
    """Each call that the guards refuse raises before the transport sees it."""
    for operation, parameters, words, kind in REFUSED:
        with pytest.raises(kind, match=words):
            variant.do(ari.operation(operation, **parameters))
    assert [] == server.calls
