"""Requests as bytes, without sockets."""

from asterisk_ari._core.requests.request import OperationRequest, query_of
from asterisk_ari._transport.http.request_encoder import RequestEncoder
from asterisk_ari.settings import load


def test_requests_as_bytes() -> None:
    encoder = RequestEncoder(load({}, host="::1", port=8088, username="u", password="p", prefix="/a b"))
    data = encoder.encode(OperationRequest("x", "POST", "/channels/a%2Fb", {"q": "ä &", "n": 5, "b": True}, {"k": "ü"}))
    head, _, body = data.partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    assert "POST /a%20b/ari/channels/a%2Fb?q=%C3%A4%20%26&n=5&b=true HTTP/1.1" == lines[0]
    assert {"Host: [::1]:8088", "Authorization: Basic dTpw", "Content-Type: application/json"} <= set(lines)
    assert f"Content-Length: {len(body)}" in lines
    assert '{"k":"ü"}'.encode() == body
    assert b"Content-Length: 0" in encoder.encode(OperationRequest("x", "DELETE", "/y"))
    assert b"Content-Length" not in encoder.encode(OperationRequest("x", "GET", "/y"))


def test_no_parameters_no_question_mark() -> None:
    assert "" == query_of({})
