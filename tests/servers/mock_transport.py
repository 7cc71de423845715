"""A script in place of the network of an httpx client."""

from collections.abc import Callable

import httpx

from tests.servers.script import ReceivedRequest, Reply, Script


def handler(script: Script) -> Callable[[httpx.Request], httpx.Response]:
    """The handler of an `httpx.MockTransport` that answers as the script says."""

    def handle(request: httpx.Request) -> httpx.Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        target = request.url.raw_path.decode("ascii")
        answer = script.answer(ReceivedRequest.read(request.method, target, headers, request.read()))
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, httpx.Response):  # with a stream of its own
            return answer
        assert isinstance(answer, Reply), f"{answer!r} needs a network"
        content_type = {"content-type": answer.content_type} if answer.content else {}
        return httpx.Response(answer.status, content=answer.content, headers={**content_type, **answer.headers})

    return handle
