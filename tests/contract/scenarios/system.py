"""The server itself: information, modules, logging, configuration; device states, endpoints, mailboxes, sounds."""

from typing import Any

from tests.contract.calls import caller, hang_up, originate
from tests.contract.driver import Server
from tests.contract.scenarios import scenario


def shape(body: Any) -> Any:
    """Names and types instead of values, which differ from machine to machine."""
    if isinstance(body, dict):
        return {key: shape(value) for key, value in body.items()}
    if isinstance(body, list):
        return [shape(body[0])] if body else []
    return type(body).__name__


@scenario
def info(server: Server) -> None:
    server.get("/asterisk/info", reduce=shape)
    for only in ("build", "system", "config", "status", "build,status", "nosuch"):
        server.get(f"/asterisk/info?only={only}", reduce=shape)


@scenario
def ping(server: Server) -> None:
    server.get("/asterisk/ping", reduce=lambda body: {**body, "asterisk_id": ""})


@scenario
def modules(server: Server) -> None:
    server.get("/asterisk/modules", reduce=lambda body: shape(body))
    server.get("/asterisk/modules/app_milliwatt.so")
    server.get("/asterisk/modules/nosuch.so")
    server.put("/asterisk/modules/nosuch.so")
    server.delete("/asterisk/modules/nosuch.so")
    server.post("/asterisk/modules/nosuch.so")


@scenario
def module_unloaded_and_loaded(server: Server) -> None:
    server.post("/asterisk/modules/app_milliwatt.so")
    server.delete("/asterisk/modules/app_milliwatt.so")
    server.delete("/asterisk/modules/app_milliwatt.so")
    server.get("/asterisk/modules/app_milliwatt.so")
    server.put("/asterisk/modules/app_milliwatt.so")
    server.post("/asterisk/modules/app_milliwatt.so")
    server.put("/asterisk/modules/app_milliwatt.so")
    server.get("/asterisk/modules/app_milliwatt.so")


@scenario
def logging(server: Server) -> None:
    name = server.name("log")
    server.get("/asterisk/logging", reduce=lambda body: shape(body))
    server.post(f"/asterisk/logging/{name}", {"configuration": "notice,warning"})
    server.post(f"/asterisk/logging/{name}", {"configuration": "notice"})
    server.get(
        "/asterisk/logging",
        reduce=lambda body: [{**one, "channel": one["channel"].rpartition("/")[2]} for one in body if name in one["channel"]],
    )
    server.put(f"/asterisk/logging/{name}/rotate")
    server.delete(f"/asterisk/logging/{name}")
    server.delete(f"/asterisk/logging/{name}")
    server.put("/asterisk/logging/nosuch/rotate")
    server.post("/asterisk/logging/another")


@scenario
def dynamic_configuration(server: Server) -> None:
    where = f"/asterisk/config/dynamic/res_pjsip/aor/{server.name('aor')}"
    server.get(where)
    server.put(where)
    server.put(where, None, {"fields": [{"attribute": "max_contacts", "value": "3"}]})
    server.get(where, reduce=lambda body: [one for one in body if one["attribute"] in ("max_contacts", "remove_existing")])
    server.put(where, None, {"fields": [{"attribute": "nosuch", "value": "3"}]})
    server.delete(where)
    server.delete(where)
    server.get(where)
    server.get("/asterisk/config/dynamic/nosuch/aor/x")
    server.get("/asterisk/config/dynamic/res_pjsip/nosuch/x")


@scenario
def device_states(server: Server) -> None:
    name = f"Stasis:{server.name('d')}"
    server.post(
        f"/applications/{server.app}/subscription",
        {"eventSource": f"deviceState:{name}"},
        reduce=lambda body: body["device_names"],
    )
    server.get(f"/deviceStates/{name}")
    for state in ("INUSE", "BUSY", "RINGING", "NOT_INUSE"):
        server.put(f"/deviceStates/{name}", {"deviceState": state})
        server.get(f"/deviceStates/{name}")
        server.wait("DeviceStateChanged", device_state=name)
    server.get("/deviceStates")
    server.delete(f"/deviceStates/{name}")
    server.get(f"/deviceStates/{name}")
    server.get("/deviceStates")


@scenario
def device_states_are_published_when_they_change(server: Server) -> None:
    name, custom = f"Stasis:{server.name('desk')}", f"Custom:{server.name('lamp')}"
    server.post(
        f"/applications/{server.app}/subscription",
        {
            "eventSource": f"deviceState:{name},deviceState:{custom},deviceState:PJSIP/uas,"
            + ",".join(f"deviceState:Local/{far}@plain" for far in ("wait", "ring", "silent"))
        },
        reduce=lambda body: sorted(body["device_names"]),
    )
    for state in ("INUSE", "INUSE", "inuse", "BUSY"):
        server.put(f"/deviceStates/{name}", {"deviceState": state})
    for _ in range(2):
        server.settle()
        server.delete(f"/deviceStates/{name}")
    server.settle()
    server.put(f"/deviceStates/{name}", {"deviceState": "BUSY"})
    server.delete(f"/deviceStates/Stasis:{server.name('never')}")
    for state in ("INUSE", "INUSE", "NOT_INUSE"):
        server.post("/asterisk/variable", {"variable": f"DEVICE_STATE({custom})", "value": state})
    for base in ("one", "two"):
        server.post("/channels/create", {"endpoint": "PJSIP/uas", "app": server.app, "channelId": server.name(base)})
        server.get("/deviceStates/PJSIP%2Fuas")
    for base in ("one", "two"):
        server.delete(f"/channels/{server.name(base)}")
    for far in ("ring", "silent"):
        channel = originate(server, far, far)
        server.settle()
        hang_up(server, channel)
        server.settle()
    first, second = caller(server, "first"), caller(server, "second")
    server.settle()  # else the hang-up below comes before or after the end of the far half's Answer()
    for device in (name, custom, "PJSIP/uas", "PJSIP/alice", "PJSIP/nosuch", "Local/wait@plain", "nonsense"):
        server.get("/asterisk/variable", params={"variable": f"DEVICE_STATE({device})"})
        server.get(f"/channels/{first}/variable", params={"variable": f"DEVICE_STATE({device})"})
    for read in ("EPOCHAL", "ENTITYID", "MATH(1+1)"):
        server.get("/asterisk/variable", params={"variable": read})
    server.get("/deviceStates/Local%2Fwait@plain")
    hang_up(server, first)
    server.settle()
    server.get("/deviceStates/Local%2Fwait@plain")
    hang_up(server, second)
    server.settle()
    server.get("/deviceStates/Local%2Fwait@plain")
    server.delete(f"/deviceStates/{name}")


@scenario
def device_state_errors(server: Server) -> None:
    server.get("/deviceStates/nosuch")
    server.get("/deviceStates/PJSIP%2Falice")
    server.put("/deviceStates/nosuch", {"deviceState": "INUSE"})
    server.put("/deviceStates/PJSIP%2Falice", {"deviceState": "INUSE"})
    name = f"Stasis:{server.name('d')}"
    server.put(f"/deviceStates/{name}")
    server.put(f"/deviceStates/{name}", {"deviceState": "NOSUCH"})
    server.delete("/deviceStates/PJSIP%2Falice")
    server.delete(f"/deviceStates/{name}")


@scenario
def endpoints(server: Server) -> None:
    server.get("/endpoints/PJSIP/alice")
    server.get("/endpoints/PJSIP/nosuch")
    server.get("/endpoints/NoTech")
    server.get("/endpoints/NoTech/x")
    server.get("/endpoints/Local")
    server.get("/endpoints/pjsip")
    server.get("/endpoints/PJSIP", reduce=lambda body: shape(body))
    server.get("/endpoints", reduce=lambda body: shape(body))


@scenario
def messages(server: Server) -> None:
    server.put("/endpoints/sendMessage")
    server.put("/endpoints/sendMessage", {"to": "nosuch:x", "from": "a", "body": "hello"})
    server.put("/endpoints/sendMessage", {"to": "", "from": "a"})
    server.put("/endpoints/PJSIP/nosuch/sendMessage", {"from": "a", "body": "hello"})
    server.put("/endpoints/NoTech/x/sendMessage", {"from": "a", "body": "hello"})
    server.put("/endpoints/PJSIP/nosuch/sendMessage")


@scenario
def references(server: Server) -> None:
    server.post("/endpoints/refer")
    server.post("/endpoints/refer", {"to": "nosuch:x", "from": "a", "refer_to": "b"})
    server.post("/endpoints/PJSIP/nosuch/refer", {"from": "a", "refer_to": "b"})
    server.post("/endpoints/PJSIP/nosuch/refer")


@scenario
def mailboxes_are_not_available(server: Server) -> None:
    server.get("/mailboxes")
    server.get("/mailboxes/x")
    server.put("/mailboxes/x", {"oldMessages": 1, "newMessages": 2})
    server.delete("/mailboxes/x")


@scenario
def sounds(server: Server) -> None:
    server.get("/sounds/hello-world", reduce=lambda body: {**body, "formats": sorted(one["format"] for one in body["formats"])})
    server.get("/sounds/nosuch")
    server.get("/sounds?lang=xx")
    server.get("/sounds?format=nosuch")
    server.get("/sounds", reduce=lambda body: shape(body[0]))


@scenario
def definitions(server: Server) -> None:
    resources = server.get(
        "/api-docs/resources.json",
        reduce=lambda body: {
            **{key: body[key] for key in ("apiVersion", "swaggerVersion", "basePath")},
            "apis": [one["path"] for one in body["apis"]],
        },
    )
    for one in resources.body["apis"]:
        path = one["path"].replace("{format}", "json")
        server.get(
            path,
            reduce=lambda body: {
                path["path"]: sorted(f"{op['httpMethod']} {op['nickname']}" for op in path["operations"]) for path in body["apis"]
            },
        )
    server.get("/api-docs/nosuch.json")


@scenario
def messages_with_variables_of_wrong_types(server: Server) -> None:
    for to in ("pjsip:alice", "pjsip:nosuch", ""):
        server.put("/endpoints/sendMessage", {"to": to, "from": "x"}, {"variables": {"A": 5}})
        server.post("/endpoints/refer", {"to": to, "from": "x", "refer_to": "y"}, {"variables": {"A": 5}})
    for resource in ("alice", "nosuch"):
        server.put(f"/endpoints/PJSIP/{resource}/sendMessage", {"from": "x"}, {"variables": {"A": 5}})
        server.post(f"/endpoints/PJSIP/{resource}/refer", {"from": "x", "refer_to": "y"}, {"variables": {"A": 5}})
