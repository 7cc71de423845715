"""The dialplan decides what comes next: subroutines, loops, conditions, functions."""

from tests.contract.driver import Server
from tests.contract.scenarios import scenario


def executed(server: Server, exten: str, *variables: str, seconds: float = 1.0) -> None:
    """What the far half of a call executes, where it is then, and its variables."""
    channel = server.name("caller")
    params = {"endpoint": f"Local/{exten}@flow", "app": server.app, "channelId": channel, "otherChannelId": f"{channel}-far"}
    server.post("/channels", params)
    server.pass_time(seconds)
    server.get(f"/channels/{channel}-far")
    for name in variables:
        server.get(f"/channels/{channel}-far/variable?variable={name}", ignores_message=True)


@scenario
def a_subroutine_in_a_subroutine(server: Server) -> None:
    executed(server, "sub", "GOSUB_RETVAL", "ARG1", "ARGC")


@scenario
def a_subroutine_on_a_condition(server: Server) -> None:
    executed(server, "subif", "GOSUB_RETVAL", "ARG1")


@scenario
def a_return_from_nowhere(server: Server) -> None:
    executed(server, "unknown")


@scenario
def a_loop(server: Server) -> None:
    executed(server, "loop", "i")


@scenario
def a_loop_that_is_left(server: Server) -> None:
    executed(server, "loopexit")


@scenario
def conditions(server: Server) -> None:
    executed(server, "exec", "x", "y", "z", "a", "b")


@scenario
def read_without_digits(server: Server) -> None:
    executed(server, "read", "DIGITS", "READSTATUS", seconds=4.0)


@scenario
def functions_in_the_dialplan(server: Server) -> None:
    executed(server, "hash", "n", "c", "m", "f", "v", "HASH(h,a)", "HASHKEYS(h)")
