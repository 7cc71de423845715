"""A call that is not answered: whom it was for, why, and which limit ended it; on the embedded Asterisk."""

from collections.abc import Iterator
from typing import Any

import pytest

from asterisk_ari import errors
from asterisk_ari._core.calls.attempt import CallAttempt
from asterisk_ari.testing import EmbeddedAsterisk, ServerEndpoint
from tests.facade.variants import Variant

ENDPOINTS: dict[str, Any] = {
    "busy": "busy",
    "rings": "rings",
    "silent": "silent",
    "rejects": ServerEndpoint("rejects", "refuses", cause=21),
    "moved": ServerEndpoint("moved", "refuses", cause=1),
}


@pytest.fixture(params=["16.28.0", "20.15.2", "22.10.1"])
def asterisk(request: pytest.FixtureRequest) -> Iterator[EmbeddedAsterisk]:
    with EmbeddedAsterisk(request.param, endpoints=ENDPOINTS) as running:
        yield running


def not_answered(variant: Variant, asterisk: EmbeddedAsterisk, endpoint: str, **options: Any) -> errors.WaitError:
    """The error of a call."""
    ari = variant.client(url=asterisk.url, username=asterisk.username, password=asterisk.password, events=True)
    variant.do(ari.connect())
    with pytest.raises(errors.WaitError) as raised:
        variant.enter(ari.call(endpoint, **options))
    return raised.value


@pytest.mark.parametrize(
    ("endpoint", "outcome", "cause", "text", "sip_code", "dial_status"),
    [
        ("PJSIP/busy", "busy", 17, "User busy", 486, "BUSY"),
        ("PJSIP/rejects", "rejected", 21, "Call Rejected", 403, "NOANSWER"),
        ("PJSIP/moved", "unallocated", 1, "Unallocated (unassigned) number", 404, "NOANSWER"),
    ],
)
def test_a_call_that_is_refused_says_why(
    variant: Variant,
    asterisk: EmbeddedAsterisk,
    endpoint: str,
    outcome: str,
    cause: int,
    text: str,
    sip_code: int,
    dial_status: str,
) -> None:
    """In the message and as attributes; the SIP code only where the server tells it."""
    error = not_answered(variant, asterisk, endpoint)
    assert isinstance(error, errors.ObjectGone)
    told = error.sip_code
    assert told in ({sip_code} if "tech_cause" in dict(error.event or {}) else {None})
    assert (outcome, cause, text, dial_status) == (error.outcome, error.cause, error.cause_text, error.dial_status)
    sip = f", SIP {told}" if told else ""
    known = f"(cause {cause}, {text}{sip}, dial status {dial_status})"
    assert str(error).startswith(f"{endpoint} was not answered: {outcome} {known}; channel channel-")


def test_a_technology_is_taken_in_any_case(variant: Variant, asterisk: EmbeddedAsterisk) -> None:
    """As Asterisk does; names of endpoints are taken as they are."""
    assert "busy" == not_answered(variant, asterisk, "pjsip/busy").outcome  # type: ignore[attr-defined]


def test_the_limit_of_the_scope(variant: Variant, asterisk: EmbeddedAsterisk) -> None:
    """Asterisk is told, ends the call, and the error is that of the limit."""
    error = not_answered(variant, asterisk, "PJSIP/rings", answer_timeout_seconds=1)
    assert "timeout=1" in asterisk.requests.to("/channels", "POST")[0].target
    assert isinstance(error, errors.WaitTimeout)
    assert str(error).startswith("PJSIP/rings was not answered within 1 s (answer_timeout_seconds): cause ")
    assert ("no answer", "RINGING") == (error.outcome, error.dial_status)
    assert "ChannelDestroyed" == dict(error.event or {})["type"]


def test_a_limit_of_a_part_of_a_second(variant: Variant, asterisk: EmbeddedAsterisk) -> None:
    """Asterisk counts whole seconds: here the client ends the call itself."""
    error = not_answered(variant, asterisk, "PJSIP/rings", answer_timeout_seconds=0.3)
    assert isinstance(error, errors.WaitTimeout)
    assert str(error).startswith(
        "PJSIP/rings was not answered within 0.3 s (answer_timeout_seconds): dial status RINGING; channel "
    )


def test_the_limit_of_the_originate(variant: Variant, asterisk: EmbeddedAsterisk) -> None:
    """`timeout_seconds` is Asterisk's own limit, and is named."""
    error = not_answered(variant, asterisk, "PJSIP/rings", timeout_seconds=1)
    assert isinstance(error, errors.ObjectGone)
    assert "was not answered within 1 s (timeout_seconds) (cause" in str(error)
    assert "no answer" == error.outcome


@pytest.mark.parametrize("options", [{"answer_timeout_seconds": 1}, {"answer_timeout_seconds": 0.3}, {"timeout_seconds": 1}])
def test_a_phone_that_does_not_even_ring(variant: Variant, asterisk: EmbeddedAsterisk, options: dict[str, float]) -> None:
    """The time limit says what the releases before 22 do not: nobody has answered."""
    assert "no answer" == not_answered(variant, asterisk, "PJSIP/silent", **options).outcome


@pytest.mark.parametrize(
    ("limit", "given", "told", "patience"),
    [
        (40, None, 40, 42),
        (0.5, None, 1, 0.5),
        (2.5, None, 3, 2.5),
        (30, 20, 20, 30),
        (None, None, -1, None),
        (float("inf"), None, -1, float("inf")),
    ],
)
def test_how_long_it_may_ring(limit: float | None, given: int | None, told: int, patience: float | None) -> None:
    """Whole seconds for Asterisk; the client waits a little longer where both limits are the same."""
    attempt = CallAttempt("PJSIP/alice", "c", limit, given)
    assert (told, patience) == (attempt.timeout_seconds, attempt.patience_seconds)


def test_an_answered_call_that_ends_too_early() -> None:
    """The phone was picked up, and the caller did not get into the app."""
    attempt = CallAttempt("PJSIP/alice", "c", 30)
    assert not attempt.has_entered({"type": "Dial", "peer": {"id": "c"}, "dialstatus": "ANSWER"})
    assert not attempt.has_entered({"type": "Dial", "peer": {"id": "other"}, "dialstatus": "BUSY"})
    assert attempt.has_entered({"type": "StasisStart"})
    error = attempt.failure(errors.ObjectGone("gone", event={"cause": 16, "cause_txt": "Normal Clearing"}))
    assert (
        "PJSIP/alice was answered, and ended before it entered the app (cause 16, Normal Clearing, dial status ANSWER); channel c"
        == str(error)
    )


def test_what_is_not_known_is_not_said() -> None:
    """A wait that ended with no event about a call."""
    error = errors.ObjectGone("bridge b has ended")
    assert [None] * 5 == [error.outcome, error.cause, error.cause_text, error.sip_code, error.dial_status]
    assert errors.WaitTimeout("x", event={"cause": "17"}).cause is None
    assert str(CallAttempt("PJSIP/a", "c", 1).failure(errors.ObjectGone("gone"))) == "PJSIP/a was not answered; channel c"
