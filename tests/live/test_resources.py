"""Everything that is no call: device states, applications, endpoints, sounds, mailboxes, Asterisk itself, user events."""

from contextlib import suppress
from typing import Any

import pytest

from asterisk_ari.errors import AriError, BadArgument, Conflict, NotFound, NotSupportedByServer, ResponseError, Unprocessable
from tests.live.calls import LIMIT, eventually, fresh, place
from tests.live.server import Server


def test_a_device_state_is_set_heard_and_removed(ari: Any) -> None:
    """An app's own device: subscribers hear each change."""
    device = ari.device_states(f"Stasis:{fresh('desk')}")
    ari.applications(ari.settings.app_name).subscribe(f"deviceState:{device.id}")
    with device.expect("DeviceStateChanged") as changed:
        device.update("INUSE")
        assert changed.result(LIMIT)["device_state"] == {"name": device.id, "state": "INUSE"}
    assert device.refresh().json["state"] == "INUSE"
    assert device.id in [one.id for one in ari.device_states.list()]
    device.delete()
    assert device.id not in [one.id for one in ari.device_states.list()]
    with pytest.raises(BadArgument, match="Stasis:"):
        ari.device_states("PJSIP/alice").update("INUSE")


def test_an_application_subscribes_and_unsubscribes(ari: Any) -> None:
    """The server's listing of an app shows what it hears."""
    app = ari.applications(ari.settings.app_name)
    bridge = ari.bridges.create()
    assert app.refresh().json["bridge_ids"] == []
    assert app.subscribe(f"bridge:{bridge.id}").json["bridge_ids"] == [bridge.id]
    assert app.id in [one.id for one in ari.applications.list()]
    assert app.unsubscribe(f"bridge:{bridge.id}").json["bridge_ids"] == []
    bridge.destroy()
    with pytest.raises(Unprocessable):
        app.subscribe("channel:no-such-channel")
    with pytest.raises(Unprocessable):
        app.unsubscribe(f"bridge:{bridge.id}")
    with pytest.raises(BadArgument):
        app.subscribe("planet:mars")
    with pytest.raises(NotFound):
        ari.applications("no-such-app").refresh()


def test_an_event_filter_hides_a_type(ari: Any) -> None:
    """Filtered types do not arrive, others do; an empty filter lets all through again."""
    near, _ = place(ari)
    app = ari.applications(ari.settings.app_name)
    seen: list[str] = []
    near.on(("ChannelVarset", "ChannelConnectedLine", "ChannelUserevent"), lambda event: seen.append(event.type))
    assert app.filter({"disallowed": [{"type": "ChannelVarset"}]}).json["events_disallowed"] == [{"type": "ChannelVarset"}]
    near.set_variable("HIDDEN", "1")
    with near.expect("ChannelUserevent") as marked:
        ari.events.user_event("mark", app.id, source=f"channel:{near.id}")
        marked.result(LIMIT)
    assert "ChannelVarset" not in seen
    assert app.filter({}).json["events_disallowed"] == []
    with near.expect("ChannelVarset", match=lambda event: event["variable"] == "SHOWN") as shown:
        near.set_variable("SHOWN", "1")
        shown.result(LIMIT)


def test_an_event_of_ones_own(ari: Any) -> None:
    """A user event carries its data and its sources."""
    near, _ = place(ari)
    app = ari.settings.app_name
    with ari.expect("ChannelUserevent", match=lambda event: event["eventname"] == "order placed") as waiting:
        ari.events.user_event("order placed", app, source=[f"channel:{near.id}"], variables={"number": "4711", "who": "é & ü"})
        event = waiting.result(LIMIT)
    assert event["channel"]["id"] == near.id
    assert (event["userevent"]["number"], event["userevent"]["who"]) == ("4711", "é & ü")
    with pytest.raises(NotFound):
        ari.events.user_event("order", "no-such-app")


def test_endpoints_are_listed_and_read(ari: Any, packaged: Any) -> None:
    """Endpoints by technology and by name, with their state; a subscription to one is accepted."""
    alice = ari.endpoints("PJSIP/alice").refresh()
    assert (alice.tech, alice.resource, alice.json["technology"]) == ("PJSIP", "alice", "PJSIP")
    names = [one.id for one in ari.endpoints.list_by_tech("PJSIP")]
    assert {"PJSIP/alice", "PJSIP/bob"} <= set(names)
    assert set(names) <= {one.id for one in ari.endpoints.list()}
    ari.applications(ari.settings.app_name).subscribe("endpoint:PJSIP/alice")
    with pytest.raises(NotFound):
        ari.endpoints("PJSIP/nobody").refresh()


def test_messages_to_endpoints(ari: Any, packaged: Any, server: Server) -> None:
    """A text message is accepted; REFER only where the release has it."""
    ari.endpoints.send_message("pjsip:customer", "sip:live@127.0.0.1", "a text & more", variables={"X-Live": "1"})
    ari.endpoints("PJSIP/customer").send_message("sip:live@127.0.0.1", "é")
    if "endpoints.refer" in server.operations:
        ari.endpoints.refer("pjsip:customer", "sip:live@127.0.0.1", "sip:bob@127.0.0.1")
    else:
        with pytest.raises(NotSupportedByServer):
            ari.endpoints.refer("pjsip:customer", "sip:live@127.0.0.1", "sip:bob@127.0.0.1")


def test_sounds_are_listed_and_read(ari: Any) -> None:
    """Installed sounds by name, language and format."""
    sound = ari.sounds("hello-world").refresh()
    assert {one["language"] for one in sound.json["formats"]} >= {"en"}
    assert "hello-world" in [one.id for one in ari.sounds.list(lang="en")]
    with pytest.raises(NotFound):
        ari.sounds("no-such-sound").refresh()


def test_mailboxes_need_their_module(ari: Any, packaged: Any) -> None:
    """Where res_mwi_external is not built, the whole resource is not found; where it is, a mailbox can be kept."""
    try:
        ari.mailboxes.list()
    except NotFound:
        with pytest.raises(ResponseError):
            ari.mailboxes("100@default").update(old_messages=1, new_messages=2)
        return
    box = ari.mailboxes(f"{fresh('box')}@default")
    box.update(old_messages=5, new_messages=2)
    assert box.refresh().json["new_messages"] == 2
    box.delete()


def test_asterisk_tells_of_itself(ari: Any, server: Server) -> None:
    """Info by section, ping, modules and log channels."""
    assert ari.asterisk.info(only="system")["system"]["version"] == server.version
    assert set(ari.asterisk.get_info(["build", "status"])) == {"build", "status"}
    assert ari.asterisk.ping()["ping"] == "pong"
    modules = {module["name"]: module for module in ari.asterisk.list_modules()}
    assert modules["res_stasis.so"]["status"] == "Running"
    assert ari.asterisk.get_module("res_stasis.so")["name"] == "res_stasis.so"
    with pytest.raises(NotFound):
        ari.asterisk.get_module("no_such_module.so")
    assert ari.get_asterisk_info()["version"] == server.version


def test_modules_and_logs_are_managed(ari: Any, packaged: Any) -> None:
    """A module is unloaded, loaded and reloaded; a log channel is added, rotated and deleted."""
    ari.asterisk.unload_module("func_version.so")
    ari.asterisk.load_module("func_version.so")
    with pytest.raises(Conflict):
        ari.asterisk.load_module("func_version.so")
    with suppress(Conflict):  # a module without a configuration says that it does not support it
        ari.asterisk.reload_module("func_version.so")
    name = fresh("log")
    ari.asterisk.add_log(name, "notice,warning")
    assert any(name in one["channel"] for one in ari.asterisk.list_log_channels())
    ari.asterisk.delete_log(name)
    assert not any(name in one["channel"] for one in ari.asterisk.list_log_channels())
    ari.asterisk.rotate_log("messages.log")


def test_global_variables(ari: Any) -> None:
    """A global variable keeps odd characters; one that is not set is empty."""
    name = f"LIVE_{fresh('x').replace('-', '_').upper()}"
    assert ari.asterisk.get_variable(name) == ""
    ari.asterisk.set_variable(name, "a b&c=d é")
    assert ari.asterisk.get_global_var(name) == "a b&c=d é"


def test_configuration_objects(ari: Any, packaged: Any) -> None:
    """A PJSIP object is created, read and deleted, where its wizard is writable."""
    name = fresh("aor")
    try:
        ari.asterisk.update_object("res_pjsip", "aor", name, {"max_contacts": "3"})
    except AriError as error:
        assert getattr(error, "status", None) in (400, 403, 404), error
        with pytest.raises(NotFound):
            ari.asterisk.get_object("res_pjsip", "aor", name)
        return
    found = {item["attribute"]: item["value"] for item in ari.asterisk.get_object("res_pjsip", "aor", name)}
    assert found["max_contacts"] == "3"
    ari.asterisk.delete_object("res_pjsip", "aor", name)
    with pytest.raises(NotFound):
        ari.asterisk.get_object("res_pjsip", "aor", name)


def test_capabilities_are_what_the_server_declares(ari: Any, server: Server) -> None:
    """For every operation and parameter, the answer by release equals the server's own definitions."""
    from ari_rest._meta import OPERATIONS

    capabilities = ari.capabilities
    wrong = [
        name
        for name in OPERATIONS
        if capabilities.supports(name) is not (name in server.operations) and name != "events.eventWebsocket"
    ]
    wrong += [
        f"{name}.{parameter}"
        for name, facts in OPERATIONS.items()
        if name in server.operations
        for parameter in facts.params
        if capabilities.supports(name, parameter) is not (f"{name}.{parameter}" in server.parameters)
    ]
    assert wrong == []
    assert (str(capabilities.release) if capabilities.release else None) == server.release


def test_every_listing_shows_something(ari: Any, packaged: Any) -> None:
    """With a call, a bridge and a device alive, each list is not empty and its handles know their ids."""
    near, _ = place(ari)
    bridge = ari.bridges.create()
    device = ari.device_states(f"Stasis:{fresh('lamp')}")
    device.update("BUSY")
    for listing in (ari.channels, ari.bridges, ari.device_states, ari.endpoints, ari.applications, ari.sounds):
        found = eventually(listing.list)
        assert all(handle.id for handle in found), listing
    assert near.data.id == near.id
    assert bridge.data.id == bridge.id
    device.delete()
    bridge.destroy()
