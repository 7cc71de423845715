"""Channels that leave the app: continue, move, redirect."""

from tests.contract.calls import answered_pair, caller, second_app
from tests.contract.driver import Server
from tests.contract.scenarios import scenario


@scenario
def continue_in_the_dialplan(server: Server) -> None:
    channel = caller(server)
    server.post(f"/channels/{channel}/continue", {"context": "plain", "extension": "silent", "priority": 1})
    server.wait("StasisEnd", channel=channel)
    server.wait_until(f"/channels/{channel}", lambda one: one["dialplan"]["exten"] == "silent")
    server.post(f"/channels/{channel}/answer")
    server.delete(f"/channels/{channel}")
    server.wait_until_gone(f"/channels/{channel}")


@scenario
def continue_at_the_next_priority(server: Server) -> None:
    channel = server.name("caller")
    server.post("/channels", {"endpoint": "Local/wait@plain", "context": "stasis", "extension": server.app, "channelId": channel})
    server.wait("StasisStart", channel=channel)
    server.post(f"/channels/{channel}/continue")
    server.wait("StasisEnd", channel=channel)
    server.wait_until_gone(f"/channels/{channel}")


@scenario
def continue_to_a_label(server: Server) -> None:
    channel = caller(server)
    server.post(f"/channels/{channel}/continue", {"context": "plain", "extension": "talk", "label": "nosuch"})
    server.post(f"/channels/{channel}/continue", {"context": "loop", "extension": "x", "label": "again"})
    server.wait("StasisEnd", channel=channel)
    server.wait_until(f"/channels/{channel}", lambda one: one["dialplan"]["context"] == "loop")


@scenario
def continue_to_nowhere(server: Server) -> None:
    channel = caller(server)
    server.post(f"/channels/{channel}/continue", {"context": "nosuch", "extension": "x"})
    server.wait("ChannelDestroyed", channel=channel)


@scenario
def continue_back_into_the_app(server: Server) -> None:
    channel = caller(server)
    server.post(f"/channels/{channel}/continue", {"context": "stasis-args", "extension": server.app, "priority": 1})
    server.wait("StasisEnd", channel=channel)
    server.wait("StasisStart", channel=channel)
    server.get(f"/channels/{channel}")


@scenario
def move_to_another_app(server: Server) -> None:
    other = second_app(server)
    channel = caller(server)
    server.post(f"/channels/{channel}/move", {"app": other, "appArgs": "moved,here"})
    server.wait("StasisStart", app=other, channel=channel)
    server.get(f"/channels/{channel}")
    server.post(f"/channels/{channel}/answer")


@scenario
def move_to_the_same_app(server: Server) -> None:
    channel = caller(server)
    server.post(f"/channels/{channel}/move", {"app": server.app, "appArgs": "again"})
    server.wait("StasisStart", channel=channel)


@scenario
def move_to_an_unknown_app(server: Server) -> None:
    channel = caller(server)
    server.post(f"/channels/{channel}/move", {"app": "nosuch", "appArgs": "a,b"})
    server.wait("ApplicationMoveFailed", channel=channel)
    server.get(f"/channels/{channel}")


@scenario
def redirect_errors(server: Server) -> None:
    channel = caller(server)
    for endpoint in ("", "nonsense", "NoTech/x", "PJSIP/alice", "Local/"):
        server.post(f"/channels/{channel}/redirect", {"endpoint": endpoint})
    server.post(f"/channels/{channel}/redirect")
    server.post(f"/channels/{channel}-far/redirect", {"endpoint": "Local/x@plain"})


@scenario
def redirect_local_does_nothing(server: Server) -> None:
    channel = caller(server)
    server.post(f"/channels/{channel}/redirect", {"endpoint": "Local/talk@plain"})
    server.get(f"/channels/{channel}")


@scenario
def move_one_half(server: Server) -> None:
    near, far = answered_pair(server)
    server.post(f"/channels/{far}/continue", {"context": "plain", "extension": "silent", "priority": 1})
    server.wait("StasisEnd", channel=far)
    server.delete(f"/channels/{near}")
    server.wait("ChannelDestroyed", channel=near)
    server.wait_until_gone(f"/channels/{far}")


@scenario
def labels_that_are_numbers(server: Server) -> None:
    for label in ("nosuch", "x2"):
        server.post(f"/channels/{caller(server, label)}/continue", {"context": "plain", "extension": "wait", "label": label})
    channel = caller(server)
    server.post(f"/channels/{channel}/continue", {"context": "plain", "extension": "silent", "label": "1st"})
    server.wait("StasisEnd", channel=channel)
