"""Commands and notifications of chan_websocket, in both of their forms, as Asterisk 22.10 and its documentation have them."""

import json

import pytest

from asterisk_ari._core.media.websocket_control import command, parse, read_status, status_request


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


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ('{"event":"STATUS","queue_length":43,"xon_level":800,"queue_full":true,"media_paused":false}', (43, True)),
        ('{ "queue_length": 0, "event": "STATUS" }', (0, False)),
        ('{"event":"STATUS","queue_length":-1}', None),
        ('{"event":"STATUS","queue_length":"43"}', None),
        ('{"event":"STATUS"}', None),
        ('{"event":"OTHER","queue_length":43,"of":"STATUS"}', None),
        ('{"event":"STATUS","queue_length":43', None),
        ("STATUS queue_length:43 queue_full:false", None),
    ],
)
def test_the_usual_form_of_a_status_is_read_on_a_short_way(text: str, status: tuple[int, bool] | None) -> None:
    """Everything else goes the long way, as all notifications do."""
    assert status == read_status(text.encode())


@pytest.mark.parametrize("is_json", [False, True])
def test_a_status_is_asked_for_as_any_command(is_json: bool) -> None:
    assert command("GET_STATUS", is_json=is_json) == status_request(is_json=is_json)
