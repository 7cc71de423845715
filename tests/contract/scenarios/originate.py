"""POST /channels: where a new channel goes, and errors."""

from itertools import combinations

from tests.contract.calls import caller, originate
from tests.contract.driver import Server
from tests.contract.scenarios import scenario


@scenario
def originate_into_app(server: Server) -> None:
    channel = caller(server)
    server.get(f"/channels/{channel}")
    server.get(f"/channels/{channel}-far")
    server.get("/channels", reduce=lambda body: sorted(one["name"] for one in body))


@scenario
def originate_with_arguments_and_caller_id(server: Server) -> None:
    channel = caller(server, appArgs='a,b c,"d,e"', callerId="Ann <1234>")
    server.get(f"/channels/{channel}")


@scenario
def originate_with_id_in_path(server: Server) -> None:
    channel = server.name("caller")
    server.post(f"/channels/{channel}", {"endpoint": "Local/wait@plain", "app": server.app})
    server.wait("StasisStart", channel=channel)
    server.get(f"/channels/{channel}")


@scenario
def originate_without_id(server: Server) -> None:
    made = server.post("/channels", {"endpoint": "Local/wait@plain", "app": server.app})
    server.wait("StasisStart", channel=made.body["id"], show=False)
    server.send("DELETE", f"/channels/{made.body['id']}")
    server.wait("ChannelDestroyed", channel=made.body["id"], show=False)


@scenario
def originate_with_variables(server: Server) -> None:
    channel = server.name("caller")
    server.post(
        f"/channels/{channel}",
        {"endpoint": "Local/wait@plain", "app": server.app},
        {"variables": {"COLOUR": "red", "CALLERID(name)": "Bea", "EMPTY": ""}},
    )
    server.wait("StasisStart", channel=channel)
    for name in ("COLOUR", "CALLERID(name)", "EMPTY"):
        server.get(f"/channels/{channel}/variable?variable={name}")


@scenario
def originate_with_everything_in_the_body(server: Server) -> None:
    channel = server.name("caller")
    server.post(
        "/channels",
        {"endpoint": "Local/never@plain"},
        {
            "endpoint": "Local/wait@plain",
            "app": server.app,
            "appArgs": "from,body",
            "channelId": channel,
            "otherChannelId": server.name("far"),
            "timeout": 5,
            "callerId": "Cy <77>",
        },
    )
    server.wait("StasisStart", channel=channel)


@scenario
def originate_variables_must_be_strings(server: Server) -> None:
    where = {"endpoint": "Local/wait@plain", "app": server.app}
    server.post("/channels", where, {"variables": {"NUMBER": 5}})
    server.post("/channels", where, {"variables": {"NOTHING": None}})
    server.post("/channels", where, {"variables": {"DEEP": {"value": []}}})


@scenario
def originate_body_is_not_json(server: Server) -> None:
    headers = {"Content-Type": "application/json"}
    where = {"endpoint": "Local/wait@plain", "app": server.app}
    server.post("/channels", where, content=b'{"variables": ', headers=headers)
    server.post("/channels", None, content=b"", headers=headers)


@scenario
def originate_to_an_extension(server: Server) -> None:
    channel, far = server.name("caller"), server.name("far")
    server.post("/applications/" + server.app + "/subscription", {"eventSource": "endpoint:Local"}, reduce=lambda body: None)
    server.post(
        "/channels",
        {
            "endpoint": "Local/wait@plain",
            "context": "plain",
            "extension": "silent",
            "priority": 1,
            "channelId": channel,
            "otherChannelId": far,
        },
    )
    server.wait_until(f"/channels/{channel}", lambda one: one["state"] == "Up" and one["dialplan"]["exten"] == "silent")
    server.post(f"/channels/{channel}/answer")
    server.post(f"/channels/{channel}/play", {"media": "sound:hello-world"})


@scenario
def originate_to_an_extension_that_enters_the_app(server: Server) -> None:
    channel = server.name("caller")
    server.post(
        "/channels",
        {"endpoint": "Local/wait@plain", "context": "stasis-args", "extension": server.app, "channelId": channel},
    )
    server.wait("StasisStart", channel=channel)
    server.get(f"/channels/{channel}")


@scenario
def originate_to_the_apps_own_context(server: Server) -> None:
    near, far = server.name("caller"), server.name("far")
    server.post(
        "/channels",
        {"endpoint": f"Local/x@stasis-{server.app}", "app": server.app, "channelId": near, "otherChannelId": far},
    )
    server.wait("StasisStart", channel=far)
    server.get(f"/channels/{far}")
    server.post(f"/channels/{far}/answer")
    server.wait("StasisStart", channel=near)


@scenario
def originate_to_a_label(server: Server) -> None:
    where = {"endpoint": "Local/wait@plain", "context": "plain", "extension": "talk"}
    server.post("/channels", {**where, "label": "nosuch"})
    server.post("/channels", {**where, "extension": "nosuch", "label": "top"})


@scenario
def originate_to_unknown_extension(server: Server) -> None:
    channel = server.name("caller")
    server.post("/channels", {"endpoint": "Local/wait@plain", "context": "nosuch", "extension": "s", "channelId": channel})
    server.wait_until_gone(f"/channels/{channel}")


@scenario
def originate_to_nowhere(server: Server) -> None:
    nowhere = ("NoTech/x", "Local/wait@nosuch", "Local/nosuch@loop-not", "nonsense", "PJSIP/nosuch", "/", "Local/")
    for number, endpoint in enumerate(nowhere):
        ids = {"channelId": server.name(f"near{number}"), "otherChannelId": server.name(f"far{number}")}
        server.post("/channels", {"endpoint": endpoint, "app": server.app, **ids})


@scenario
def originate_without_required_parameters(server: Server) -> None:
    server.post("/channels")
    server.post("/channels", {"endpoint": "Local/wait@plain"})
    server.post("/channels", {"endpoint": "", "app": server.app})
    server.post("/channels", {"app": server.app})
    server.post("/channels", {"endpoint": "Local/wait@plain", "app": ""})


@scenario
def originate_duplicate_ids(server: Server) -> None:
    channel = caller(server)
    server.post("/channels", {"endpoint": "Local/wait@plain", "app": server.app, "channelId": channel})
    server.post("/channels", {"endpoint": "Local/wait@plain", "app": server.app, "otherChannelId": channel})
    both = server.name("same")
    server.post("/channels", {"endpoint": "Local/wait@plain", "app": server.app, "channelId": both, "otherChannelId": both})


@scenario
def originate_long_ids(server: Server) -> None:
    fits = "i" * (149 - len(server.token)) + server.token
    where = {"endpoint": "Local/wait@plain", "app": server.app}
    server.post("/channels", {**where, "channelId": f"{fits}j"}, reduce=lambda body: None)
    server.post("/channels", {**where, "channelId": server.name("short"), "otherChannelId": f"{fits}j"})


@scenario
def originate_unusual_ids(server: Server) -> None:
    for odd in ("a b", "a+b", "a%2Fb", "ünï", "a:b;c", "q?x=1&y", "dot.dash-_~"):
        channel = server.name(odd)
        server.post(
            "/channels", {"endpoint": "Local/silent@plain", "app": server.app, "channelId": channel}, reduce=lambda one: one["id"]
        )
    server.get(f"/channels/{server.name('a%20b')}", reduce=lambda one: one["id"])
    server.get(f"/channels/{server.name('a+b')}", reduce=lambda one: one["id"])
    server.get(f"/channels/{server.name('a%2Bb')}", reduce=lambda one: one["id"])
    server.get(f"/channels/{server.name('a%3Ab%3Bc')}", reduce=lambda one: one["id"])
    server.get("/channels", reduce=lambda body: sorted(one["id"] for one in body))


@scenario
def originate_into_an_unknown_app(server: Server) -> None:
    server.post("/applications/" + server.app + "/subscription", {"eventSource": "endpoint:Local"}, reduce=lambda body: None)
    channel = server.name("caller")
    server.post("/channels", {"endpoint": "Local/wait@plain", "app": "nosuch", "channelId": channel})
    server.wait_until_gone(f"/channels/{channel}")


@scenario
def originate_without_answer(server: Server) -> None:
    channel = originate(server, "caller", "silent", timeout=1)
    server.wait("ChannelDestroyed", channel=channel)


@scenario
def originate_ringing(server: Server) -> None:
    channel = originate(server, "caller", "ring")
    server.wait("ChannelStateChange", channel=channel)
    server.get(f"/channels/{channel}")
    server.post(f"/channels/{channel}/answer")
    server.post(f"/channels/{channel}/dtmf", {"dtmf": "1"})
    server.delete(f"/channels/{channel}")
    server.wait("ChannelDestroyed", channel=channel)


@scenario
def originate_busy(server: Server) -> None:
    channel = originate(server, "caller", "busy")
    server.wait("Dial", peer=channel, dialstatus="BUSY")


@scenario
def originate_congestion(server: Server) -> None:
    channel = originate(server, "caller", "congestion")
    server.wait("Dial", peer=channel, dialstatus="CONGESTION")


@scenario
def originate_refused_with_a_cause(server: Server) -> None:
    channel = originate(server, "caller", "hangup21")
    server.wait("ChannelDestroyed", channel=channel)


@scenario
def originate_formats(server: Server) -> None:
    where = {"endpoint": "Local/wait@plain", "app": server.app}
    server.post("/channels", {**where, "formats": "nosuch"})
    server.post("/channels", {**where, "formats": "ulaw", "originator": "nosuch"})
    server.post("/channels", {**where, "originator": "nosuch"})
    channel = server.name("caller")
    server.post("/channels", {**where, "formats": "ulaw,slin", "channelId": channel})
    server.wait("StasisStart", channel=channel)
    server.get(f"/channels/{channel}/variable?variable=CHANNEL(audioreadformat)")


@scenario
def originate_on_behalf_of_a_channel(server: Server) -> None:
    first = caller(server)
    caller(server, "second", originator=first)


@scenario
def originate_json_types_are_strict(server: Server) -> None:
    server.post("/channels", None, {"endpoint": 5, "app": server.app})
    server.post("/channels", None, {"endpoint": "Local/wait@plain", "app": 5})
    channel = server.name("caller")
    server.post("/channels", None, {"endpoint": "Local/wait@plain", "app": server.app, "timeout": "1", "channelId": channel})
    server.wait("StasisStart", channel=channel)


@scenario
def originate_checked_in_order(server: Server) -> None:
    right = {"endpoint": "Local/wait@plain", "app": server.app}
    wrong = {"channelId": "x" * 150, "endpoint": "nosuch", "originator": "nosuch", "formats": "nosuch", "app": ""}
    for (one, no), (other, nor) in combinations(wrong.items(), 2):
        for variables in ({"A": "text"}, {"A": 5}):
            server.post("/channels", {**right, one: no, other: nor}, {"variables": variables})
    for given in ({"label": "nosuch"}, {"label": "nosuch", "formats": "nosuch"}, {"label": "nosuch", "originator": "nosuch"}):
        server.post("/channels", {"endpoint": "Local/wait@plain", "extension": "wait", "context": "plain", **given})
    both = {"originator": caller(server), "formats": "ulaw"}
    for path in ("/channels", "/channels/create"):
        for endpoint in ("", "nosuch", "Local/wait@plain"):
            server.post(path, {**right, **both, "endpoint": endpoint})
        server.post(path, {**right, "endpoint": "nosuch", "formats": "nosuch"}, {"variables": {"A": 5}})
