"""The generated client by itself, without the facade: some calls of each resource, and every listing."""

import asyncio
import importlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from ari_rest._meta import OPERATIONS, RELEASES
from ari_rest.client import Client
from asterisk_ari import AsteriskARI
from tests.live.calls import eventually, fresh, into
from tests.live.server import Server


@pytest.fixture
def client(server: Server) -> Iterator[Client]:
    """The generated client, with credentials in its header."""
    import httpx

    base = server.url.rstrip("/").removesuffix("/ari") + "/ari"
    made = Client(base_url=base, httpx_args={"auth": httpx.BasicAuth(server.username, server.password), "trust_env": False})
    with made:
        yield made


@pytest.fixture
def app(server: Server) -> Iterator[str]:
    """An app that exists as long as somebody listens."""
    with AsteriskARI(**server.credentials, app_name=fresh("raw")) as ari:
        yield ari.settings.app_name


def call(client: Client, operation: str, **parameters: Any) -> tuple[int, Any]:
    """Status and parsed result, synchronous."""
    answer = _module(operation).sync_detailed(client=client, **parameters)
    return int(answer.status_code), answer.parsed


def call_async(client: Client, operation: str, **parameters: Any) -> tuple[int, Any]:
    """The same by the asynchronous function, on a connection of its own."""

    async def go() -> tuple[int, Any]:
        import httpx

        auth = client._httpx_args["auth"]
        async with Client(base_url=client._base_url, httpx_args={"auth": auth, "trust_env": False}) as own:
            assert isinstance(own.get_async_httpx_client(), httpx.AsyncClient)
            answer = await _module(operation).asyncio_detailed(client=own, **parameters)
            return int(answer.status_code), answer.parsed

    return asyncio.run(go())


def _module(operation: str) -> Any:
    return importlib.import_module(OPERATIONS[operation].module)


Call = Callable[..., tuple[int, Any]]


@pytest.fixture(params=[call, call_async], ids=["sync", "async"])
def make(request: pytest.FixtureRequest) -> Call:
    """A call in either variant."""
    return request.param  # type: ignore[no-any-return]


def listings() -> list[str]:
    """Every GET that needs nothing."""
    return [name for name, facts in OPERATIONS.items() if facts.method == "GET" and not facts.required]


@pytest.mark.parametrize("operation", listings())
def test_every_listing_parses(client: Client, make: Call, operation: str, server: Server) -> None:
    """What the server answers has the declared type; what it lacks is answered with 404, not with a crash of the parser."""
    status, parsed = make(client, operation)
    optional = operation.startswith("mailboxes.") or operation not in server.operations
    assert status == 200 or (optional and status == 404), (status, parsed)
    if status == 200:
        assert parsed is not None
        again = parsed if isinstance(parsed, list) else [parsed]
        assert all(type(one).from_dict(one.to_dict()) == one for one in again)


def test_channels_and_playbacks(client: Client, make: Call, app: str) -> None:
    """A channel is originated, read, listed and hung up; what does not exist is 404."""
    channel_id = fresh("raw")
    status, channel = make(client, "channels.originate", endpoint=into(app), app=app, channel_id=channel_id)
    assert (status, channel.id) == (200, channel_id)
    status, again = make(client, "channels.get", channel_id=channel_id)
    assert (status, again.name) == (200, channel.name)
    assert channel_id in [one.id for one in make(client, "channels.list")[1]]
    assert make(client, "channels.hangup", channel_id=channel_id)[0] == 204
    eventually(lambda: make(client, "channels.get", channel_id=channel_id)[0] == 404)
    assert make(client, "playbacks.get", playback_id="none")[0] == 404
    assert make(client, "playbacks.stop", playback_id="none")[0] == 404


def test_bridges(client: Client, make: Call) -> None:
    """A bridge is created, read and destroyed."""
    bridge_id = fresh("raw")
    status, bridge = make(client, "bridges.createWithId", bridge_id=bridge_id, type_="mixing", name="raw & ready")
    assert (status, bridge.id, bridge.name) == (200, bridge_id, "raw & ready")
    assert bridge_id in [one.id for one in make(client, "bridges.list")[1]]
    assert make(client, "bridges.destroy", bridge_id=bridge_id)[0] == 204
    eventually(lambda: make(client, "bridges.get", bridge_id=bridge_id)[0] == 404)


def test_device_states_and_applications(client: Client, make: Call) -> None:
    """A device state is set, read and removed; an unknown app is 404."""
    name = f"Stasis:{fresh('raw')}"
    assert make(client, "deviceStates.update", device_name=name, device_state="INUSE")[0] == 204
    assert make(client, "deviceStates.get", device_name=name)[1].state == "INUSE"
    assert make(client, "deviceStates.delete", device_name=name)[0] == 204
    assert make(client, "applications.get", application_name="no-app")[0] == 404


def test_asterisk_and_sounds(client: Client, make: Call, server: Server) -> None:
    """Info of chosen sections, a global variable, a module, a sound."""
    status, info = make(client, "asterisk.getInfo", only=["system", "status"])
    assert (status, info.system.version) == (200, server.version)
    assert not info.build
    assert make(client, "asterisk.setGlobalVar", variable="LIVE_RAW", value="a&b")[0] == 204
    assert make(client, "asterisk.getGlobalVar", variable="LIVE_RAW")[1].value == "a&b"
    assert make(client, "asterisk.getModule", module_name="res_ari.so")[1].status == "Running"
    assert make(client, "sounds.get", sound_id="hello-world")[1].id == "hello-world"


def test_recordings_endpoints_and_events(client: Client, make: Call) -> None:
    """What does not exist is 404 in each resource, with the server's own words."""
    assert make(client, "recordings.getStored", recording_name="no/such")[0] == 404
    assert make(client, "recordings.getLive", recording_name="none")[0] == 404
    assert make(client, "endpoints.listByTech", tech="NoTech")[0] == 404
    for endpoint in make(client, "endpoints.list")[1]:
        assert endpoint in make(client, "endpoints.listByTech", tech=endpoint.technology)[1]
    assert make(client, "events.userEvent", event_name="x", application="no-app")[0] == 404


def test_the_server_is_of_a_known_branch(server: Server) -> None:
    """A final release under test belongs to a branch that the client was made from."""
    known = {release.partition(".")[0] for release in RELEASES}
    assert server.release is None or server.release.partition(".")[0] in known
