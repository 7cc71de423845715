"""Checks before a resource is reached: credentials, methods, paths, bodies, origins."""

from tests.contract.calls import caller
from tests.contract.driver import READER, Server
from tests.contract.scenarios import scenario, unconnected

JSON = {"Content-Type": "application/json"}


@unconnected
def credentials(server: Server) -> None:
    server.get("/asterisk/ping", user=None, reduce=lambda body: None)
    server.get("/asterisk/ping", user=("asterisk", "wrong"), reduce=lambda body: None)
    server.get("/asterisk/ping", user=("nobody", "asterisk"), reduce=lambda body: None)
    server.get("/asterisk/ping", user=READER, reduce=lambda body: None)
    server.get("/asterisk/ping?api_key=asterisk:asterisk", user=None, reduce=lambda body: None)
    server.get("/asterisk/ping?api_key=asterisk:wrong", user=None, reduce=lambda body: None)
    server.get("/asterisk/ping?api_key=asterisk:asterisk", user=("asterisk", "wrong"), reduce=lambda body: None)
    server.get("/asterisk/ping", user=None, headers={"Authorization": "Bearer x"}, reduce=lambda body: None)
    server.get("/nosuch", user=None)


@scenario
def read_only_user(server: Server) -> None:
    channel = caller(server)
    server.get(f"/channels/{channel}", user=READER, reduce=lambda body: body["state"])
    server.get("/channels/nosuch", user=READER)
    server.post(f"/channels/{channel}/answer", user=READER)
    server.post("/channels", user=READER)
    server.put("/deviceStates/Stasis:x", {"deviceState": "BUSY"}, user=READER)
    server.delete(f"/channels/{channel}", user=READER)
    server.post("/channels/nosuch/answer", user=READER)
    server.post("/nosuch", user=READER)


@unconnected
def paths(server: Server) -> None:
    for path in (
        "/channels/",
        "/nosuch",
        "/Channels",
        "/asterisk/ping/extra",
        "/asterisk",
        "//ari",
        "//ari/",
        "//nosuch",
        "/asterisk%2Fping",
    ):
        server.get(path)
    server.get("/asterisk/p%69ng", reduce=lambda body: body["ping"])
    server.get("/asterisk/ping?nosuch=1", reduce=lambda body: body["ping"])
    server.get("/channels/a/b/c/d")
    server.get("/channels/nosuch/nosuch")


@unconnected
def prefix_in_any_case(server: Server) -> None:
    for path in ("//ARI/asterisk/ping", "//Ari/asterisk/ping"):
        server.get(path, reduce=lambda body: body["ping"])
    for path in (
        "/Asterisk/ping",
        "/asterisk/PING",
        "//ARI",
        "//ARI/channels/",
        "//ARIx/asterisk/ping",
        "/API-docs/channels.json",
    ):
        server.get(path)


@unconnected
def methods(server: Server) -> None:
    server.post("/asterisk/ping")
    server.put("/channels")
    server.delete("/channels")
    server.delete("/bridges")
    server.request("PATCH", "/channels")
    server.request("HEAD", "/channels")
    server.get("/channels/nosuch/answer")
    server.get("/events/user/x")
    server.put("/applications/x")
    server.post("/recordings/stored")


@unconnected
def options_and_origins(server: Server) -> None:
    server.request("OPTIONS", "/channels")
    server.request("OPTIONS", "/channels/x")
    server.request("OPTIONS", "/nosuch")
    server.request("OPTIONS", "/asterisk/ping", user=None)


@unconnected
def bodies(server: Server) -> None:
    server.post("/bridges", content=b"{", headers=JSON)
    server.post("/bridges", content=b"[1, 2]", headers=JSON, reduce=lambda body: body["bridge_type"])
    server.post("/bridges", content=b"5", headers=JSON)
    server.post("/bridges", content=b"", headers=JSON, reduce=lambda body: body["bridge_type"])
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    server.post("/asterisk/variable", content=b"variable=FORM&value=5", headers=form)
    server.get("/asterisk/variable?variable=FORM")
    server.post("/asterisk/variable", content=b'{"variable": "A", "value": "b"}', headers={"Content-Type": "text/plain"})
    server.post(
        "/asterisk/variable",
        content=b'{"variable": "A", "value": "b"}',
        headers={"Content-Type": "application/json; charset=utf-8"},
    )
    server.post("/asterisk/variable", {"variable": "QUERY", "value": "query"}, {"value": "body"})
    server.get("/asterisk/variable?variable=QUERY")
    server.get("/asterisk/variable", content=b'{"variable": "QUERY"}', headers=JSON)


@unconnected
def invalid_json(server: Server) -> None:
    server.post("/asterisk/variable", content=b'{"variable": "ODD", "value": "\\\\u0000"}', headers=JSON)
    server.get("/asterisk/variable?variable=ODD")
    for content in (
        b'{"variable": "ODD", "value": NaN}',
        b'{"variable": "ODD", "value": "\\ud800"}',
        b'{"variable": "ODD", "value": "\\u0000"}',
        b'{"variable": "ODD", "value": "\xff"}',
        b'\xef\xbb\xbf{"variable": "ODD", "value": "mark"}',
        '{"variable": "ODD", "value": "wide"}'.encode("utf-16"),
        b"[" * 30_000,
    ):
        server.post("/asterisk/variable", content=content, headers=JSON)
    server.post("/asterisk/variable", content=b'{"variable": "ODD", "value": 1, "value": "twice"}', headers=JSON)
    server.get("/asterisk/variable?variable=ODD")


@unconnected
def bytes_that_are_not_utf_8(server: Server) -> None:
    server.post("/asterisk/variable?variable=BYTES&value=%ff%fe")
    server.get("/asterisk/variable?variable=BYTES")
    server.get("/channels/%ff%fe")


@scenario
def numbers_as_c_reads_them(server: Server) -> None:
    channel = caller(server)
    for number in ("4294967297", "-4294967297", "99999999999999999999", "5x", "x", "+7"):
        server.post(f"/channels/{channel}/play", {"media": "sound:digits/1", "skipms": number}, reduce=lambda body: {})
    for number in (4294967297, -4294967297, 2.5, True):
        server.post(f"/channels/{channel}/play", None, {"media": "sound:digits/1", "skipms": number}, reduce=lambda body: {})
    server.pass_time()
    server.delete(f"/channels/{channel}")
    server.wait_until_gone(f"/channels/{channel}")


@unconnected
def large_body(server: Server) -> None:
    server.post("/asterisk/variable", None, {"variable": "LARGE", "value": "x" * 30_000}, show="large")
    server.get("/asterisk/variable?variable=LARGE", reduce=lambda body: len(body["value"]))
    server.post("/asterisk/variable", None, {"variable": "LARGE", "value": "x" * 50_000}, show="too large")


@unconnected
def repeated_and_listed_parameters(server: Server) -> None:
    server.post("/asterisk/variable?variable=TWICE&value=first&value=second")
    server.get("/asterisk/variable?variable=TWICE")
    server.get("/asterisk/variable?variable=nosuch&variable=TWICE")
    server.get("/asterisk/info?only=system&only=status", reduce=sorted)
    server.get("/asterisk/info?only=%22system%22", reduce=sorted)
