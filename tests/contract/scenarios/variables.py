"""Variables and functions of channels, global variables."""

from urllib.parse import quote

from tests.contract.calls import bridge, caller
from tests.contract.driver import Server
from tests.contract.scenarios import scenario


def _read(server: Server, channel: str, name: str) -> None:
    server.get(f"/channels/{channel}/variable?variable={quote(name, safe='()')}")


def _write(server: Server, channel: str, name: str, value: str) -> None:
    """Set a variable, and wait until the channel has executed the command."""
    server.post(f"/channels/{channel}/variable", {"variable": name, "value": value})
    server.wait("ChannelVarset", channel=channel, variable=name)


@scenario
def variable_write_read_empty(server: Server) -> None:
    channel = caller(server)
    _read(server, channel, "COLOUR")
    _write(server, channel, "COLOUR", "deep red, mostly")
    _read(server, channel, "COLOUR")
    _write(server, channel, "COLOUR", "")
    _read(server, channel, "COLOUR")


@scenario
def variable_errors(server: Server) -> None:
    channel = caller(server)
    server.get(f"/channels/{channel}/variable")
    server.get(f"/channels/{channel}/variable?variable=")
    server.post(f"/channels/{channel}/variable")
    server.post(f"/channels/{channel}/variable", {"variable": "", "value": "x"})
    server.get(f"/channels/{channel}/variable?variable=NOSUCHFUNCTION(x)")


@scenario
def variable_functions(server: Server) -> None:
    channel = caller(server, callerId="Ann <1234>")
    for name in (
        "CALLERID(num)",
        "CALLERID(name)",
        "CALLERID(all)",
        "CHANNEL(language)",
        "CHANNEL(state)",
        "CHANNEL(channeltype)",
    ):
        _read(server, channel, name)
    for name in ("CONNECTEDLINE(num)", "CHANNEL(musicclass)", "EXTEN", "CONTEXT", "PRIORITY"):
        _read(server, channel, name)


@scenario
def variable_caller_id_is_an_event(server: Server) -> None:
    channel = caller(server)
    server.post(f"/channels/{channel}/variable", {"variable": "CALLERID(num)", "value": "4711"})
    server.wait("ChannelCallerId", channel=channel)
    server.get(f"/channels/{channel}")


@scenario
def variable_language(server: Server) -> None:
    channel = caller(server)
    server.post(f"/channels/{channel}/variable", {"variable": "CHANNEL(language)", "value": "de"})
    server.wait_until(f"/channels/{channel}", lambda one: one["language"] == "de")
    _read(server, channel, "CHANNEL(language)")


@scenario
def variable_substitution_does_not_happen(server: Server) -> None:
    channel = caller(server)
    _write(server, channel, "ONE", "1")
    _write(server, channel, "TWO", "${ONE}2")
    _read(server, channel, "TWO")
    _write(server, channel, "__DEEP", "x")


@scenario
def variable_from_the_dialplan(server: Server) -> None:
    channel = caller(server, far="vars")
    server.wait("ChannelVarset", variable="LIVEVAR")
    _read(server, f"{channel}-far", "LIVEVAR")
    _read(server, f"{channel}-far", "INHERITED")
    _read(server, f"{channel}-far", "nosuch")
    _read(server, channel, "LIVEVAR")


@scenario
def variable_of_a_channel_in_the_dialplan(server: Server) -> None:
    channel = caller(server)
    server.post(f"/channels/{channel}-far/variable", {"variable": "OUTSIDE", "value": "b"})
    _read(server, f"{channel}-far", "OUTSIDE")


@scenario
def talk_detection(server: Server) -> None:
    channel = caller(server, far="talk")
    server.post(f"/channels/{channel}/variable", {"variable": "TALK_DETECT(set)", "value": "300,128"})
    server.wait("ChannelTalkingStarted", channel=channel)
    server.wait("ChannelTalkingFinished", channel=channel)
    server.post(f"/channels/{channel}/variable", {"variable": "TALK_DETECT(remove)", "value": ""})


@scenario
def variables_in_bulk(server: Server) -> None:
    channel = caller(server)
    server.post(f"/channels/{channel}/variables", None, {"variables": {"A": "1", "B": "2"}})
    server.pass_time()
    server.get(f"/channels/{channel}/variables?variables=A,B,C")
    server.get(f"/channels/{channel}/variables")
    server.post(f"/channels/{channel}/variables")
    server.post(f"/channels/{channel}/variables", None, {"variables": {"A": 1}})
    server.post(f"/channels/{channel}/variables", None, {"variables": ["A"]})
    server.get("/channels/nosuch/variables?variables=A")


@scenario
def bridge_variables(server: Server) -> None:
    found = bridge(server)
    server.get(f"/bridges/{found}/variable?variable=A")
    server.post(f"/bridges/{found}/variable", {"variable": "A", "value": "1"})
    server.get(f"/bridges/{found}/variable?variable=A")
    server.post(f"/bridges/{found}/variables", None, {"variables": {"B": "2"}})
    server.get(f"/bridges/{found}/variables?variables=A,B,C")
    server.get("/bridges/nosuch/variable?variable=A")


@scenario
def global_variables(server: Server) -> None:
    name = server.name("G")
    server.get(f"/asterisk/variable?variable={name}")
    server.post("/asterisk/variable", {"variable": name, "value": "one two"})
    server.get(f"/asterisk/variable?variable={name}")
    server.post("/asterisk/variable", {"variable": name, "value": ""})
    server.get(f"/asterisk/variable?variable={name}")
    server.post("/asterisk/variable", {"variable": name})
    server.get(f"/asterisk/variable?variable={name}")
    server.get("/asterisk/variable")
    server.post("/asterisk/variable")
    server.get("/asterisk/variable?variable=")


@scenario
def variable_written_while_media_plays(server: Server) -> None:
    channel, playback = caller(server), server.name("p")
    server.post(f"/channels/{channel}/play", {"media": "sound:tt-monkeys", "playbackId": playback})
    server.wait("PlaybackStarted", playback=playback)
    answer = server.send_within(0.5, "POST", f"/channels/{channel}/variable", {"variable": "LATE", "value": "x"})
    server.steps.append({"written within half a second": answer is not None})
    server.get(f"/channels/{channel}/variable?variable=LATE")
    server.delete(f"/playbacks/{playback}")
    server.wait("PlaybackFinished", playback=playback)
    server.wait_until(f"/channels/{channel}/variable?variable=LATE", lambda body: body["value"] == "x")


@scenario
def a_hash(server: Server) -> None:
    channel = caller(server)
    server.post(f"/channels/{channel}/variable", {"variable": "HASH(things,one)", "value": "1"})
    server.pass_time()
    _read(server, channel, "HASH(things,one)")
    _read(server, channel, "HASH(things,two)")


@scenario
def several_variables_checked(server: Server) -> None:
    here = f"channels/{caller(server)}", f"bridges/{bridge(server)}"
    for where in (*here, "channels/nosuch", "bridges/nosuch"):
        for given in ({}, {"variables": "x"}, {"variables": {"NOSUCH": 5}}, {"variables": {"NOSUCH": {}}}, [], None):
            server.post(f"/{where}/variables", json=given)
        for names in ("", "NOSUCH", ",", "NOSUCH,NEVER"):
            server.get(f"/{where}/variables", params={"variables": names})
        server.get(f"/{where}/variables")
        server.get(f"/{where}/variable")
