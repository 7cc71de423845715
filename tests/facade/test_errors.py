"""An answer with an error becomes the class of the tree that says what it means, in Asterisk's own words."""

import logging
from typing import Any

import pytest

from ari_rest._meta import OPERATIONS
from asterisk_ari import errors
from tests.facade import samples
from tests.facade.leaks import leaked, leaked_by
from tests.facade.variants import Variant
from tests.servers.script import Script

CLASSES: dict[int, type[errors.ResponseError]] = {
    400: errors.BadRequest,
    401: errors.AuthenticationFailed,
    403: errors.PermissionDenied,
    404: errors.NotFound,
    405: errors.MethodNotAllowed,
    409: errors.Conflict,
    412: errors.InvalidState,
    413: errors.BodyTooLarge,
    422: errors.Unprocessable,
    500: errors.ServerFailure,
    501: errors.NotImplementedByServer,
    503: errors.NotBooted,
}
ANYWHERE = (401, 403, 404, 405, 413, 500, 501, 503)
SAID = "Asterisk's own words"
HTML = f"<!DOCTYPE HTML><html><head><title>{{status}} {SAID}</title></head><body><h1>{SAID}</h1></body></html>"

USUAL = ("message", "error", "html", "empty", "garbage")

# What the body is → how it is sent, and the reason that is read from it.
BODIES: dict[str, tuple[dict[str, Any], str]] = {
    "message": ({"json": {"message": SAID}}, SAID),
    "error": ({"json": {"error": SAID}}, SAID),
    "html": ({"html": HTML}, SAID),
    "html without its content type": ({"content": HTML.encode()}, SAID),
    "empty": ({}, ""),
    "json of another kind": ({"json": [SAID]}, ""),
    "message that is no text": ({"json": {"message": 5, "error": None}}, ""),
    "text": ({"text": SAID}, SAID),
    "garbage": ({"content": b'{"message": "\xff\xfe"}'}, ""),
    "JSON cut short": ({"content": b'{"message": "'}, ""),
    "JSON without end": ({"content": b"[" * 9000}, ""),
}


def provoke(variant: Variant, ari: Any, operation: str, /, **parameters: Any) -> errors.ResponseError:
    with pytest.raises(errors.ResponseError) as caught:
        variant.do(ari.operation(operation, **parameters))
    return caught.value


def provoked(variant: Variant, server: Script, ari: Any, operation: str, status: int, kind: str) -> errors.ResponseError:
    """The error of an answer with this status and kind of body; its class and reason are right."""
    content, said = BODIES[kind]
    server.reply(status, **{key: item.format(status=status) if key == "html" else item for key, item in content.items()})
    error = provoke(variant, ari, operation, **samples.least(operation))
    is_of_ari = operation != "asterisk.getInfo" or kind in ("message", "error")  # every ARI has that one
    expected = errors.AriDisabled if status == 404 and (kind.startswith("html") or not is_of_ari) else CLASSES[status]
    assert expected is type(error), f"{status} {kind}"
    assert error.reason
    assert said in error.reason
    assert error.reason in str(error)
    return error


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_documented_error_of_every_operation(variant: Variant, server: Script, ari: Any, operation: str) -> None:
    """Whatever the body looks like, an error has the class of its status, and says what was called."""
    facts = OPERATIONS[operation]
    for status in sorted({*facts.errors, *ANYWHERE}):
        for kind in USUAL:
            error = provoked(variant, server, ari, operation, status, kind)
            assert (status, operation, facts.method.upper()) == (error.status, error.operation, error.method)
            assert "/ari" + error.path == server.last_call.path
        assert [] == leaked_by(error)


@pytest.mark.parametrize("status", CLASSES)
@pytest.mark.parametrize("kind", BODIES)
def test_every_kind_of_body(variant: Variant, server: Script, ari: Any, status: int, kind: str) -> None:
    """Bodies that no server should send are survived as well."""
    assert [] == leaked_by(provoked(variant, server, ari, "channels.list", status, kind))


def test_the_table_of_statuses_is_that_of_the_tree() -> None:
    """Each status of the definitions, and each that can come everywhere, has a class of its own."""
    declared = {status for facts in OPERATIONS.values() for status in facts.errors}
    assert CLASSES == dict(errors.BY_STATUS)
    assert declared | set(ANYWHERE) <= CLASSES.keys()


@pytest.mark.parametrize(
    ("status", "content", "expected"),
    [
        (409, {"json": {"message": "Channel not in Stasis application"}}, errors.NotInStasis),
        (409, {"json": {"message": "Channel is not in the 'Down' state"}}, errors.Conflict),
        (409, {"json": {"message": "Recording 'folder/inside' already exists and can not be overwritten"}}, errors.Conflict),
        (422, {"json": {"message": "Channel not in Stasis application"}}, errors.Unprocessable),
        (500, {"json": {"error": "Allocation failed"}}, errors.AllocationFailed),
        (500, {"json": {"message": "Failed to queue media for playback"}}, errors.ServerFailure),
        (502, {"html": "<html><title>502 Bad Gateway</title></html>"}, errors.ServerFailure),
        (301, {"headers": {"Location": "http://elsewhere/"}}, errors.UnexpectedResponse),
        (418, {}, errors.UnexpectedResponse),
        (200, {"html": "<html><title>Welcome</title></html>"}, errors.UnexpectedResponse),
        (200, {"content": b"{"}, errors.UnexpectedResponse),
        (200, {"content": b'"\xff"'}, errors.UnexpectedResponse),
    ],
)
def test_what_real_servers_say(
    variant: Variant, server: Script, ari: Any, status: int, content: dict[str, Any], expected: type[errors.ResponseError]
) -> None:
    """Texts seen on real servers, and answers of what is no Asterisk, have their own class."""
    server.reply(status, **content)
    error = provoke(variant, ari, "channels.create", endpoint="Local/x@y", app="a")
    assert (expected, status) == (type(error), error.status)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (401, "ari.conf"),
        (403, "read-only"),
        (503, "try again"),
    ],
)
def test_an_error_says_what_to_do(variant: Variant, server: Script, ari: Any, error: int, words: str) -> None:
    """Where the cause is known, the text names the remedy."""
    server.reply(error, json={"message": "no"})
    assert words in str(provoke(variant, ari, "channels.list"))


def test_a_long_body_makes_no_long_message(variant: Variant, server: Script, ari: Any) -> None:
    """Of a text without end only the beginning is shown."""
    server.reply(500, text="x" * 100_000)
    assert 400 > len(str(provoke(variant, ari, "channels.list")))


def test_logs_hold_no_credentials(variant: Variant, server: Script, caplog: pytest.LogCaptureFixture) -> None:
    """Everything logged on the way, down to DEBUG and by httpx too, shows no password; nor do repr of client and settings."""
    with caplog.at_level(logging.DEBUG):
        ari = variant.connected(server)
        server.reply(401, json={"message": "Authentication required"})
        provoke(variant, ari, "channels.list")
        server.reply(404, json={"message": "Channel not found"})
        assert not variant.do(ari.answer_channel("1"))
    assert caplog.text
    assert [] == leaked(caplog.text, repr(ari), str(ari), repr(ari.settings), repr(ari.channels("1")), repr(ari.capabilities))


def test_an_error_is_no_answer_of_another_call(variant: Variant, server: Script, ari: Any) -> None:
    """After an error the next call goes on as if nothing had been."""
    server.reply(500, text="boom")
    provoke(variant, ari, "channels.list")
    server.reply(json=[{"id": "1"}])
    assert [{"id": "1"}] == variant.do(ari.list_channels())
