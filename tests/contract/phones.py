"""SIP phones of scenarios: on a real server they speak SIP over loopback, on the embedded one they are its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from tests.live.calls import eventually
from tests.live.sip_phone import SipCall, SipPhones


class PhoneCall(Protocol):
    """One call of a phone."""

    def answer(self) -> None: ...

    def ring(self) -> None: ...

    def progress(self) -> None: ...

    def refuse(self, status: int, cause: int) -> None: ...

    def hang_up(self, cause: int | None = None) -> None: ...

    def cancel(self) -> None: ...

    def hold(self) -> None: ...

    def unhold(self) -> None: ...

    def refer(self, user: str) -> None: ...

    def refer_to_call_of(self, other: PhoneCall) -> None: ...

    @property
    def notified(self) -> list[int]: ...


class Phones(Protocol):
    """All phones of a server."""

    def call(self, user: str, caller: str, headers: Mapping[str, str] | None = None) -> PhoneCall:
        """Call a user of the server, with further header fields."""

    def called(self, user: str, channel: str) -> PhoneCall:
        """The call that a channel of the server has placed to a user; who is called `told…` waits for what the test says."""


class SipPhoneCall:
    """A call over SIP."""

    def __init__(self, call: SipCall) -> None:
        self.call = call

    def answer(self) -> None:
        self.call.answer()

    def ring(self) -> None:
        self.call.ring()

    def progress(self) -> None:
        self.call.progress()

    def refuse(self, status: int, cause: int) -> None:
        self.call.refuse(status)

    def hang_up(self, cause: int | None = None) -> None:
        eventually(lambda: self.call.is_up, "the call is not up")
        self.call.hang_up(cause)

    def cancel(self) -> None:
        self.call.cancel()

    def hold(self) -> None:
        self.call.hold()

    def unhold(self) -> None:
        self.call.unhold()

    def refer(self, user: str) -> None:
        self.call.refer_to(user)

    def refer_to_call_of(self, other: PhoneCall) -> None:
        assert isinstance(other, SipPhoneCall)
        self.call.refer_to_call(other.call)

    @property
    def notified(self) -> list[int]:
        return self.call.notified


class RealPhones:
    """Phones that speak SIP."""

    def __init__(self, phones: SipPhones) -> None:
        self._phones = phones

    def call(self, user: str, caller: str, headers: Mapping[str, str] | None = None) -> PhoneCall:
        return SipPhoneCall(self._phones.begin(user, caller=caller, headers=headers))

    def called(self, user: str, channel: str) -> PhoneCall:
        return SipPhoneCall(self._phones.rung(user))
