"""What is loaded when: the class costs little, and nobody pays for what the program does not use."""

import subprocess
import sys
import typing

import pytest

from asterisk_ari import AsteriskARI, AsyncAsteriskARI
from asterisk_ari.testing import EmbeddedAsterisk

NEVER = ("attr", "attrs", "httpx")
PARTS = ("ari_rest", "msgspec", "websocket", "asterisk_ari._core.events", "asterisk_ari._transport.http")
CALL = "ari = {client}(url={url!r}, username={user!r}, password={password!r}, events={events})\nari.connect()\nari.channels.list()\nari.disconnect()\n"


def loaded(program: str, *names: str) -> list[str]:
    """Which of the modules a program has loaded at its end."""
    code = f"import sys\n{program}\nprint([name for name in {names!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    return eval(done.stdout)


@pytest.mark.parametrize("name", ["AsteriskARI", "AsyncAsteriskARI"])
def test_the_class_alone_loads_no_part_of_the_client(name: str) -> None:
    """Nor any package but those of the standard library."""
    assert [] == loaded(f"from asterisk_ari import {name}", *NEVER, *PARTS, "asyncio")


@pytest.mark.parametrize("events", [False, True])
def test_a_synchronous_program_never_loads_what_it_does_not_use(events: bool) -> None:
    """Neither an event loop nor a client of another package; websocket-client only with the event WebSocket."""
    with EmbeddedAsterisk() as server:
        url, user, password = server.url, server.username, server.password
        program = "from asterisk_ari import AsteriskARI\n" + CALL.format(
            client="AsteriskARI", url=url, user=user, password=password, events=events
        )
        found = loaded(program, *NEVER, "asyncio", "websocket", "asterisk_ari._async")
    assert (["websocket"] if events else []) == found


@pytest.mark.parametrize("client", [AsteriskARI, AsyncAsteriskARI])
def test_the_types_of_the_arguments_can_be_looked_up(client: type[typing.Any]) -> None:
    """Whatever else is loaded late: tools ask for those of the constructor."""
    hints = typing.get_type_hints(client.__init__)
    assert hints.keys() >= {"host", "verify", "transport", "http_client", "reconnect"}
