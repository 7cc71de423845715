"""Calls over SIP that are refused: what the phone said reaches the program in words, as a cause and as a SIP status."""

from collections.abc import Iterator

import pytest

from asterisk_ari.errors import ObjectGone
from scripts.live import LiveAsterisk
from tests.live.calls import fresh
from tests.live.conftest import Connect
from tests.live.sip_phone import SipPhones

# status, outcome, Q.850 cause, dial status
REFUSALS = [
    (486, "busy", 17, "BUSY"),
    (603, "rejected", 21, None),
    (480, "no answer", 19, "NOANSWER"),
    (404, "unallocated", 1, None),
]


@pytest.fixture
def phone(packaged: LiveAsterisk) -> Iterator[SipPhones]:
    with SipPhones(int(packaged.env["UAS_PORT"])) as answering:
        yield answering


@pytest.mark.parametrize(("status", "outcome", "cause", "dial_status"), REFUSALS)
def test_what_the_phone_says(
    connect: Connect, phone: SipPhones, status: int, outcome: str, cause: int, dial_status: str | None
) -> None:
    """All in the message and as attributes; a server that does not tell the status leaves it out."""
    ari = connect()
    with pytest.raises(ObjectGone) as refused, ari.call(f"PJSIP/{status}@uas", channel_id=fresh("call")):
        pass
    error = refused.value
    assert set(phone.asked) == {status}  # a busy machine may see the request twice
    assert (error.outcome, error.cause) == (outcome, cause)
    assert error.sip_code == (status if "tech_cause" in dict(error.event or {}) else None)
    assert dial_status in (None, error.dial_status)
    assert f"PJSIP/{status}@uas" in str(error)
    assert outcome in str(error)
