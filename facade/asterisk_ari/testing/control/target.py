"""The target of control API requests: one server, and the phones of its calls."""

import threading
from collections.abc import Callable
from typing import Any

from asterisk_ari.testing.control.messages import Waiting
from asterisk_ari.testing.control.routes import PREFIX, Document, NotDone
from asterisk_ari.testing.embedded import EmbeddedAsterisk
from asterisk_ari.testing.machine.state.channels import ServerChannel
from asterisk_ari.testing.machine.state.endpoint import ServerEndpoint
from asterisk_ari.testing.phone import Phone


class ControlTarget:
    """A server, and its phones by the ids of their calls, including calls that have ended."""

    def __init__(self, asterisk: EmbeddedAsterisk) -> None:
        self.asterisk = asterisk
        self.passing: threading.Lock = threading.Lock()
        """Held while letting time pass: only one request at a time may."""
        self.document: Document = Document({})
        """What describes the requests."""
        self._phones: dict[str, Phone] = {}
        self._phones_lock = threading.Lock()

    def keep(self, phone: Phone) -> Phone:
        """Know a phone from now on; returns the one that is known by this id."""
        with self._phones_lock:
            return self._phones.setdefault(phone.channel_id, phone)

    def phone(self, call: str) -> Phone:
        """The phone of a call: of one that was placed by a request here, or by a program.

        Raises:
            NotDone: there is no such call.
        """
        with self._phones_lock:
            known = self._phones.get(call)
        if known is not None:
            return known
        try:
            return self.keep(self.asterisk.phone_of(call))
        except LookupError as error:
            hint = f"GET {PREFIX}/calls lists the calls that there are"
            raise NotDone(404, f"call {call}", str(error), hint) from None

    def phones(self) -> list[Phone]:
        """The phones of all calls so far that were placed here, and of those that programs have placed to endpoints."""
        for call in self.placed(lambda *_: True):
            self.phone(call)
        with self._phones_lock:
            return list(self._phones.values())

    def placed(self, is_wanted: Callable[[ServerChannel, ServerEndpoint], bool]) -> list[str]:
        """The ids of the channels to endpoints for which something holds."""
        machine = self.asterisk.machine
        return self.asterisk.run_in_server(
            lambda: [one.id for one in machine.channels.values() if one.endpoint is not None and is_wanted(one, one.endpoint)]
        )

    def forget(self) -> None:
        """Forget all phones."""
        with self._phones_lock:
            self._phones.clear()

    def wait(self, condition: Callable[[], Any], given: Waiting) -> Any:
        """Wait until a condition is true, as long as the request says; only one at a time lets virtual time pass.

        Raises:
            TimeoutError: it did not become true.
        """
        if given.virtual_seconds:
            with self.passing:
                try:
                    return self.asterisk.wait_until(condition, 0, virtual_seconds=given.virtual_seconds)
                except TimeoutError:
                    pass  # the rest of the wait keeps nobody else from letting time pass
        return self.asterisk.wait_until(condition, given.timeout_seconds)
