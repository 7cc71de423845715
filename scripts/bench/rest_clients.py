"""REST candidates: `GET /channels/{id}`, its JSON decoded."""

import http.client
import json
import socket
from importlib import import_module
from typing import Any

from scripts.bench.load import Load, Sample, calls_at_once, calls_in_threads, calls_in_turn, run
from scripts.bench.workload import APP, PASSWORD, USER

BASIC = "Basic YmVuY2g6YmVuY2g="


def limit(load: Load) -> Sample:
    """A blocking socket, a request encoded beforehand, the response split by hand, msgspec."""
    decode = import_module("msgspec").json.Decoder().decode
    path = load.channel_url.removeprefix(load.base_url)
    request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: {BASIC}\r\n\r\n".encode()
    connection = socket.create_connection(("127.0.0.1", load.port))
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def call() -> Any:
        connection.sendall(request)
        data = connection.recv(65_536)
        end = data.index(b"\r\n\r\n")
        at = data.index(b"Content-Length: ") + 16
        length = int(data[at : data.index(b"\r\n", at)])
        while len(data) < end + 4 + length:
            data += connection.recv(65_536)
        return decode(data[end + 4 :])

    with connection:
        return calls_in_turn(load, call)


def ours_sync(load: Load) -> Sample:
    """The facade as it comes."""
    from asterisk_ari import AsteriskARI

    with AsteriskARI("127.0.0.1", load.port, USER, PASSWORD, APP, events=False) as ari:
        get, channel_id = ari.channels.get, load.channel_id
        if load.at_once > 1:
            return calls_in_threads(load, lambda: get(channel_id))
        return calls_in_turn(load, lambda: get(channel_id))


def ours_sync_httpx(load: Load) -> Sample:
    """The facade over an httpx client that is passed in."""
    import httpx

    from asterisk_ari import AsteriskARI

    client = httpx.Client(trust_env=False)
    with client, AsteriskARI("127.0.0.1", load.port, USER, PASSWORD, APP, events=False, http_client=client) as ari:
        get, channel_id = ari.channels.get, load.channel_id
        return calls_in_turn(load, lambda: get(channel_id))


def generated_sync(load: Load) -> Sample:
    """The generated function over the facade's transport, model included."""
    from ari_rest.api.channels import channels_get
    from asterisk_ari import AsteriskARI

    with AsteriskARI("127.0.0.1", load.port, USER, PASSWORD, APP, events=False) as ari:
        client: Any = ari.rest_client()  # type: ignore[attr-defined,unused-ignore]
        return calls_in_turn(load, lambda: channels_get.sync(load.channel_id, client=client))


def generated_httpx(load: Load) -> Sample:
    """The generated client as generated: httpx."""
    from ari_rest import Client
    from ari_rest.api.channels import channels_get

    with Client(base_url=f"{load.base_url}/ari", headers={"Authorization": BASIC}) as client:
        return calls_in_turn(load, lambda: channels_get.sync(load.channel_id, client=client))


def http_client(load: Load) -> Sample:
    """The standard library's, one connection."""
    connection = http.client.HTTPConnection("127.0.0.1", load.port, timeout=10)
    path = load.channel_url.removeprefix(load.base_url)
    decode = import_module("msgspec").json.Decoder().decode

    def call() -> Any:
        connection.request("GET", path, headers={"Authorization": BASIC})
        response = connection.getresponse()
        return decode(response.read())

    return calls_in_turn(load, call)


def urllib3(load: Load) -> Sample:
    """Its connection pool."""
    pool = import_module("urllib3").HTTPConnectionPool("127.0.0.1", load.port, maxsize=8, block=True, timeout=10)
    path = load.channel_url.removeprefix(load.base_url)
    decode = import_module("msgspec").json.Decoder().decode
    headers = {"Authorization": BASIC}
    return calls_in_turn(load, lambda: decode(pool.request("GET", path, headers=headers).data))


def pyreqwest(load: Load) -> Sample:
    """Rust's reqwest."""
    builder = import_module("pyreqwest.client").SyncClientBuilder()
    decode = import_module("msgspec").json.Decoder().decode
    with builder.build() as client:
        url = load.channel_url

        def call() -> Any:
            response = client.get(url).header("Authorization", BASIC).build().send()
            return decode(memoryview(response.bytes()))

        return calls_in_turn(load, call)


def httpx_sync(load: Load) -> Sample:
    """As its users use it."""
    import httpx

    with httpx.Client(auth=(USER, PASSWORD)) as client:
        return calls_in_turn(load, lambda: client.get(load.channel_url).json())


def requests(load: Load) -> Sample:
    """A session with credentials, which is also what ari-py has below."""
    session = import_module("requests").Session()
    session.auth = (USER, PASSWORD)
    return calls_in_turn(load, lambda: session.get(load.channel_url).json())


def ari_py(load: Load) -> Sample:
    """A copy of how ari 0.1.3 makes a call, which is Python 2: requests, and the credentials in the query."""
    session = import_module("requests").Session()
    request = import_module("requests").Request

    def call() -> Any:
        prepared = session.prepare_request(request("GET", load.channel_url, params={"api_key": f"{USER}:{PASSWORD}"}))
        response = session.send(prepared)
        response.raise_for_status()
        return json.loads(response.text)

    return calls_in_turn(load, call)


def ours_async(load: Load) -> Sample:
    """The facade as it comes."""
    from asterisk_ari import AsyncAsteriskARI

    async def main() -> Sample:
        async with AsyncAsteriskARI("127.0.0.1", load.port, USER, PASSWORD, APP, events=False) as ari:
            get, channel_id = ari.channels.get, load.channel_id
            return await calls_at_once(load, lambda: get(channel_id))

    return run(main())


def aiohttp(load: Load) -> Sample:
    """A session with credentials."""
    aiohttp: Any = import_module("aiohttp")

    async def main() -> Sample:
        decode = import_module("msgspec").json.Decoder().decode
        async with aiohttp.ClientSession(auth=aiohttp.BasicAuth(USER, PASSWORD)) as session:

            async def call() -> Any:
                async with session.get(load.channel_url) as response:
                    return decode(await response.read())

            return await calls_at_once(load, call)

    return run(main())


def httpx_async(load: Load) -> Sample:
    """As its users use it."""
    import httpx

    async def main() -> Sample:
        async with httpx.AsyncClient(auth=(USER, PASSWORD)) as client:

            async def call() -> Any:
                return (await client.get(load.channel_url)).json()

            return await calls_at_once(load, call)

    return run(main())


def aioari(load: Load) -> Sample:
    """Its repository's get."""

    async def main() -> Sample:
        client = await import_module("aioari").connect(load.base_url, USER, PASSWORD)
        found = await calls_at_once(load, lambda: client.channels.get(channelId=load.channel_id))
        await client.close()
        return found

    return run(main())


def asyncari(load: Load) -> Sample:
    """Its repository's get."""

    async def main() -> Sample:
        found: Sample = {}
        async with import_module("asyncari").connect(load.base_url, APP, USER, PASSWORD) as client:
            found = await calls_at_once(load, lambda: client.channels.get(channelId=load.channel_id))
        return found

    return run(main())


def ari_client(load: Load) -> Sample:
    """Its controller's get."""

    async def main() -> Sample:
        client = import_module("ari_client").AriClient("127.0.0.1", load.port, USER, PASSWORD)
        import_module("logging").getLogger().setLevel("WARNING")
        await client.connect(APP)
        found = await calls_at_once(load, lambda: client.ari.get_channel(load.channel_id))
        await client.disconnect()
        return found

    return run(main())
