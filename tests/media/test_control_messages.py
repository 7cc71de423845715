"""Commands and notifications of chan_websocket, in both of their forms, as Asterisk 22.10 and its documentation have them."""

import json

import pytest

from asterisk_ari._core.media.websocket_control import command, parse


def test_commands() -> None:
    assert b"FLUSH_MEDIA" == command("FLUSH_MEDIA", is_json=False)
    assert b"STOP_MEDIA_BUFFERING u-1" == command("STOP_MEDIA_BUFFERING", is_json=False, correlation_id="u-1")
    assert {"command": "MARK_MEDIA", "correlation_id": "m"} == json.loads(command("MARK_MEDIA", is_json=True, correlation_id="m"))
    assert len(command("STOP_MEDIA_BUFFERING", is_json=True, correlation_id="u" * 32)) <= 128
    with pytest.raises(ValueError, match="33 characters"):
        command("MARK_MEDIA", is_json=True, correlation_id="m" * 33)


@pytest.mark.parametrize(
    ("text", "name", "fields"),
    [
        ("MEDIA_XOFF", "MEDIA_XOFF", {}),
        ("DTMF_END digit:#", "DTMF_END", {"digit": "#"}),
        ("MEDIA_BUFFERING_COMPLETED u-1", "MEDIA_BUFFERING_COMPLETED", {"correlation_id": "u-1"}),
        ("STATUS queue_length:43 queue_full:false", "STATUS", {"queue_length": "43", "queue_full": "false"}),
        ('{"event":"STATUS","queue_length":43,"queue_full":true}', "STATUS", {"queue_length": "43", "queue_full": "true"}),
        ('{"event":"DTMF_END","digit":"5","x":null,"y":{}}', "DTMF_END", {"digit": "5"}),
    ],
)
def test_notifications(text: str, name: str, fields: dict[str, str]) -> None:
    found = parse(text.encode())
    assert found is not None
    assert (name, fields) == (found.name, found.fields)


@pytest.mark.parametrize("text", [b"", b"   ", b"\xff\xfe", b"{", b"[]", b'{"event":1}', b"hello there", b"{}", b"null"])
def test_garbage_says_nothing(text: bytes) -> None:
    assert parse(text) is None
