"""Operations, parameters and resources that only the connected server has: called by its own definitions, checked by them."""

from typing import Any

import pytest

from asterisk_ari.errors import BadArgument, MissingParameter, NotFound, NotSupportedByServer
from tests.facade.variants import Variant
from tests.servers.script import Answer, ReceivedRequest, Script, reply


def parameter(name: str, location: str = "query", kind: str = "string", **more: Any) -> dict[str, Any]:
    return {"name": name, "paramType": location, "dataType": kind, "required": False, "allowMultiple": False, **more}


DOCUMENTS: dict[str, Any] = {
    "resources": {"apis": [{"path": f"/api-docs/{name}.{{format}}"} for name in ("channels", "wazo")]},
    "wazo": {
        "apis": [
            {
                "path": "/wazo/lines",
                "operations": [{"httpMethod": "GET", "nickname": "list", "responseClass": "List[Line]", "parameters": []}],
            },
            {
                "path": "/wazo/lines/{lineId}",
                "operations": [
                    {
                        "httpMethod": "POST",
                        "nickname": "setUp",
                        "responseClass": "Line",
                        "parameters": [
                            parameter("lineId", "path"),  # which real definitions do not always call required
                            parameter("gainDb", kind="double", required=True),
                            parameter(
                                "ratio", kind="float", defaultValue=0.5, allowableValues={"valueType": "RANGE", "max": 1.5}
                            ),
                            parameter("count", kind="int", allowableValues={"valueType": "RANGE", "min": 1, "max": 5}),
                            parameter("codec", allowableValues={"valueType": "LIST", "values": ["ulaw", "alaw"]}),
                            parameter("channel", allowMultiple=True),
                            parameter("variables", "body", "containers"),
                        ],
                    }
                ],
            },
            {"path": "nonsense", "operations": [{"httpMethod": "GET", "nickname": "odd"}]},
            {"path": "/wazo/x", "operations": [None, {"nickname": "noMethod"}, {"httpMethod": "BREW", "nickname": "brew"}]},
        ]
    },
    "channels": {
        "apis": [
            {
                "path": "/channels/{channelId}/play",
                "operations": [
                    {
                        "httpMethod": "POST",
                        "nickname": "play",
                        "responseClass": "Playback",
                        "parameters": [
                            parameter("channelId", "path", required=True),
                            parameter("media", required=True, allowMultiple=True),
                            parameter("volume", kind="double"),
                        ],
                    }
                ],
            }
        ]
    },
}


@pytest.fixture
def vendor(server: Script) -> Script:
    """A server with a module of its vendor, and a parameter that no release has."""

    def respond(request: ReceivedRequest) -> Answer:
        if request.resource.startswith("/api-docs/"):
            name = request.resource.rpartition("/")[2].removesuffix(".json")
            return reply(json=DOCUMENTS[name]) if name in DOCUMENTS else reply(404, json={"message": "?"})
        if request.resource == "/wazo/lines/gone":
            return reply(404, json={"message": "Line not found"})
        return reply(json=[{"line": 1}] if request.method == "GET" else {"id": "1", "gain": 1.5})

    server.respond = respond
    return server


def asked(server: Script) -> list[str]:
    return [line.removeprefix("GET /ari/api-docs/") for line in server.lines if "/api-docs/" in line]


def test_a_resource_of_a_vendor(variant: Variant, vendor: Script, ari: Any) -> None:
    """The definitions are asked for once; the result is JSON."""
    assert [{"line": 1}] == variant.do(ari.operation("wazo.list"))
    done = variant.do(
        ari.operation(
            "wazo.setUp", line_id="a/b", gainDb=-2.5, ratio="1e-3", count="3", codec="alaw",
            channel=[ari.channels("1"), "2"], variables={"A": 1},
        )
    )  # fmt: skip
    assert {"id": "1", "gain": 1.5} == done
    sent = vendor.last_call
    assert ("POST", "/ari/wazo/lines/a%2Fb") == (sent.method, sent.path)
    assert {"gainDb": "-2.5", "ratio": "0.001", "count": "3", "codec": "alaw", "channel": "1,2"} == sent.query
    assert {"variables": {"A": "1"}} == sent.body
    assert ["resources.json", "wazo.json"] == asked(vendor)


@pytest.mark.parametrize(
    ("operation", "parameters", "words", "kind"),
    [
        ("wazo.setUp", {"lineId": "1"}, "needs gainDb", MissingParameter),
        ("wazo.setUp", {"gainDb": 1}, "needs lineId", MissingParameter),
        ("wazo.setUp", {"lineId": "..", "gainDb": 1}, "another resource", BadArgument),
        ("wazo.setUp", {"lineId": "1", "gainDb": "loud"}, "gainDb must be a finite number", BadArgument),
        ("wazo.setUp", {"lineId": "1", "gainDb": float("nan")}, "gainDb must be a finite number", BadArgument),
        ("wazo.setUp", {"lineId": "1", "gainDb": True}, "gainDb must be a finite number", BadArgument),
        ("wazo.setUp", {"lineId": "1", "gainDb": 1, "count": 0}, "count must be at least 1", BadArgument),
        ("wazo.setUp", {"lineId": "1", "gainDb": 1, "count": 6}, "count must be at most 5", BadArgument),
        ("wazo.setUp", {"lineId": "1", "gainDb": 1, "ratio": 1.75}, "ratio must be at most 1.5", BadArgument),
        ("wazo.setUp", {"lineId": "1", "gainDb": 1, "count": "x"}, "count must be a whole number", BadArgument),
        ("wazo.setUp", {"lineId": "1", "gainDb": 1, "codec": "g729"}, "not one of ulaw, alaw", BadArgument),
        ("wazo.setUp", {"lineId": "1", "gainDb": 1, "gian": 2}, "no parameter 'gian'", BadArgument),
        ("wazo.odd", {}, "no operation 'wazo.odd'", BadArgument),
        ("wazo.brew", {}, "no operation 'wazo.brew'", BadArgument),
        ("other.list", {}, "no operation 'other.list'", BadArgument),
        ("../x.list", {}, "no operation '../x.list'", BadArgument),
        ("channels.play", {"channelId": "1", "media": "sound:x", "volumn": 1}, "no parameter 'volumn'", BadArgument),
        ("channels.play", {"channelId": "1", "volume": 1}, "needs media", MissingParameter),
    ],
)
def test_checked_by_the_server_s_definitions(
    variant: Variant, vendor: Script, ari: Any, operation: str, parameters: dict[str, Any], words: str, kind: type[BadArgument]
) -> None:
    """Nothing but definitions is asked for."""
    with pytest.raises(kind, match=words):
        variant.do(ari.operation(operation, **parameters))
    assert len(asked(vendor)) == len(vendor.calls)


def test_a_parameter_that_only_the_server_has(variant: Variant, vendor: Script, ari: Any) -> None:
    """Beside the package's own, which are spelled and checked as ever."""
    found = variant.do(ari.operation("channels.play", channel_id=ari.channels("1"), media="sound:x", offset_ms=5, volume=0.5))
    assert {"id": "1", "gain": 1.5} == found
    assert {"media": "sound:x", "offsetms": "5", "volume": "0.5"} == vendor.last_call.query


def test_what_the_release_lacks_is_refused_all_the_same(variant: Variant, vendor: Script) -> None:
    vendor.version = "16.28.0"
    ari = variant.connected(vendor)
    parameters = {"channelId": "1", "media": "sound:x", "volume": 1}
    assert variant.do(ari.operation("channels.play", **parameters))
    with pytest.raises(NotSupportedByServer):
        variant.do(ari.operation("channels.progress", channelId="1"))


def test_its_errors_are_those_of_any_call(variant: Variant, vendor: Script, ari: Any) -> None:
    with pytest.raises(NotFound, match=r"wazo.setUp POST /wazo/lines/gone: 404 Line not found"):
        variant.do(ari.operation("wazo.setUp", lineId="gone", gainDb=1))


def test_a_server_without_definitions(variant: Variant, server: Script, ari: Any) -> None:
    """It is as if it had nothing more; other failures are told."""
    server.respond = lambda request: reply(404, json={"message": "?"})
    with pytest.raises(BadArgument, match="no operation 'wazo.list'"):
        variant.do(ari.operation("wazo.list"))


def test_raw_results(variant: Variant, server: Script, ari: Any) -> None:
    """With `raw=True` any call by name gives the JSON as it came, fields that no model knows included."""
    server.reply(json={"name": "call-7", "format": "wav", "unheard": ["of"]})
    found = variant.do(ari.operation("recordings.getStored", raw=True, recordingName="call-7"))
    assert {"name": "call-7", "format": "wav", "unheard": ["of"]} == found
    server.reply(json=[{"id": "1"}])
    assert [{"id": "1"}] == variant.do(ari.operation("channels.list", raw=True))
    server.reply(204)
    assert variant.do(ari.operation("channels.ring", raw=True, channelId="1")) is None


def test_connecting_may_ask_nothing(variant: Variant, server: Script) -> None:
    """With neither checks nor events nothing needs to be known of the server."""
    ari = variant.connected(server, version_check="off")
    assert [] == server.requests
    assert ari.is_connected
    variant.do(ari.channels("1").progress())
    assert ["POST /ari/channels/1/progress"] == server.lines
