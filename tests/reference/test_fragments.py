"""Every fragment of sections 2 to 8 of the reference, run as written."""

import ast
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from asterisk_ari import AsteriskARI
from scripts.live import LiveAsterisk
from tests.live import leaks
from tests.live.calls import LIMIT, eventually, fresh, hang_up_all, place

FILE = Path(__file__).resolve().with_name("programs") / "fragments.md"


def read() -> dict[str, str]:
    """Title → code."""
    return dict(re.findall(r"^## (.*?)\n\n```python\n(.*?)^```\n", FILE.read_text(), re.MULTILINE | re.DOTALL))


FRAGMENTS = read()
USED: set[str] = set()


def steps(title: str, names: dict[str, Any], **replaced: str) -> Iterator[Any]:
    """Run a fragment statement by statement in `names`; gives what each call in it returned."""
    USED.add(title)
    code = FRAGMENTS[title]
    for former, now in replaced.items():
        assert former in code
        code = code.replace(former, now)
    for statement in ast.parse(code).body:
        if isinstance(statement, ast.Expr):
            yield eval(compile(ast.Expression(statement.value), title, "eval"), names)
        else:
            exec(compile(ast.Module([statement], []), title, "exec"), names)


def run(title: str, names: dict[str, Any]) -> list[Any]:
    """Run a whole fragment."""
    return list(steps(title, names))


@pytest.fixture
def ari(pbx: Any) -> Iterator[AsteriskARI]:
    """The client of the fragments: its app is the one that the dialplan names."""
    with (
        leaks.nothing_left(),
        AsteriskARI(url=pbx.url, username=pbx.username, password=pbx.password, app_name="aiagc") as client,
    ):
        yield client
        hang_up_all(client)


@pytest.fixture
def sip(ari: AsteriskARI) -> str:
    """A SIP call that is up and in the app; its far end talks."""
    channel_id = ari.originate_call("PJSIP/customer@trunk", context="outbound-calls", extension="s", caller_id="Desk <1001>")
    assert channel_id is not None
    assert ari.answer_channel(channel_id) is True
    return channel_id


def test_connection(pbx: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """Connect, info with its two keys, disconnect."""
    with leaks.nothing_left():
        names: dict[str, Any] = {}
        changed = {"8088": str(pbx.port), "your_password": pbx.password}
        assert list(steps("Connection Management / Connect to ARI", names, **changed)) == [None]
        assert names["ari"].is_connected
        run("Connection Management / Get Asterisk Info", names)
        run("Connection Management / Disconnect", names)
        assert not names["ari"].is_connected
    said = capsys.readouterr().out
    version, system = re.match(r"Asterisk Version: (\S+)\nSystem: (\{.*\})\n$", said).groups()  # type: ignore[union-attr]
    assert version == ast.literal_eval(system)["version"] == (pbx.version if isinstance(pbx, LiveAsterisk) else pbx.release)


def test_basic_channel_control(ari: AsteriskARI) -> None:
    """An incoming call is answered and terminated."""
    with ari.expect("StasisStart", match=lambda event: event["channel"]["name"].endswith(";2")) as arrived:
        ari.channels.originate("Local/aiagc@stasis", context="plain", extension="talk")
        channel_id = arrived.result(LIMIT)["channel"]["id"]
    names = {"ari": ari, "channel_id": channel_id}
    assert run("Channel Operations / Channel State Control / Ring Indication", names) == [True, True]
    assert run("Channel Operations / Basic Channel Control / Answer Channel", names) == [True]
    ari.channels(channel_id).wait_until_up(LIMIT)
    with ari.expect("StasisEnd", about=("channel", channel_id)) as gone:
        assert run("Channel Operations / Basic Channel Control / Hangup Channel", names) == [True]
        gone.result(LIMIT)
    eventually(lambda: ari.get_channel_info(channel_id) is None)


def test_originate_call(ari: AsteriskARI) -> None:
    """An outbound call with caller id and variables reaches the app through its context."""
    names: dict[str, Any] = {"ari": ari}
    run("Channel Operations / Basic Channel Control / Originate Call", names)
    channel_id = names["channel_id"]
    assert ari.answer_channel(channel_id) is True
    assert ari.get_channel_variable("CAMPAIGN_TYPE", channel_id) == "sales"
    assert ari.get_channel_variable("CUSTOMER_ID", channel_id) == "12345"
    info = ari.get_channel_info(channel_id)
    assert info is not None
    assert info["caller"] == {"name": "Company", "number": "+15551234567"}
    assert info["name"].startswith("PJSIP/1234567890-")


def test_channel_state_control(ari: AsteriskARI, sip: str) -> None:
    """Hold and mute with their opposites are accepted on a SIP call."""
    names = {"ari": ari, "channel_id": sip}
    assert run("Channel Operations / Channel State Control / Hold/Unhold", names) == [True, True]
    assert run("Channel Operations / Channel State Control / Mute/Unmute", names) == [True] * 4


def test_dtmf(ari: AsteriskARI) -> None:
    """The other side receives the digits, special ones too."""
    near, far = place(ari)
    received: list[str] = []
    far.on("ChannelDtmfReceived", lambda event: received.append(event["digit"]))
    near.start_silence()  # a digit that arrives shorter than 80 ms ends only with audio
    assert run("Channel Operations / DTMF Operations", {"ari": ari, "channel_id": near.id}) == [True, True]
    eventually(lambda: "".join(received) == "12345#*", "digits are missing")


def test_channel_variables(ari: AsteriskARI, sip: str) -> None:
    """A variable is set and read; Asterisk 16 may need a moment between the two."""
    names: dict[str, Any] = {"ari": ari, "channel_id": sip}
    assert run("Channel Operations / Channel Variables", names) == [True]
    assert names["value"] in ("value", None)
    assert eventually(lambda: ari.get_channel_variable("CUSTOM_VAR", sip)) == "value"


def test_channel_information(ari: AsteriskARI, sip: str, capsys: pytest.CaptureFixture[str]) -> None:
    """State, caller, connected and language are printed."""
    run("Channel Operations / Channel Information", {"ari": ari, "channel_id": sip})
    assert capsys.readouterr().out == "State: Up\nCaller: 1001\nConnected: 1001\nLanguage: en\n"


def test_playback(ari: AsteriskARI, sip: str) -> None:
    """A sound and a recording are played to their end."""
    with ari.expect("RecordingFinished", about=("recording", "my_recording")) as finished:
        ari.channels(sip).record("my_recording", "wav", if_exists="overwrite", max_duration_seconds=1)
        finished.result(LIMIT)
    for title, media in (("Play Sound File", "sound:hello-world"), ("Play Recording", "recording:my_recording")):
        names: dict[str, Any] = {"ari": ari, "channel_id": sip}
        with ari.expect("PlaybackFinished", about=("channel", sip)) as over:
            run(f"Media Operations / Playback / {title}", names)
            playback = over.result(LIMIT)["playback"]
        assert (playback["id"], playback["state"], playback["media_uri"]) == (names["playback_id"], "done", media)
    assert ari.delete_recording("my_recording") is True


def test_recording(ari: AsteriskARI, sip: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A call is recorded; format and state are printed while it runs and when it is stored; it is deleted."""
    ari.delete_recording("customer_call_20240101")
    names: dict[str, Any] = {"ari": ari, "channel_id": sip}
    with ari.expect("RecordingStarted", about=("recording", "customer_call_20240101")) as started:
        run("Media Operations / Recording / Record Channel", names)
        started.result(LIMIT)
    assert names["recording_name"] == "customer_call_20240101"
    manage = steps("Media Operations / Recording / Manage Recordings", names)
    for _ in range(2):
        next(manage)  # both lines are printed; deleting is still to come
    assert capsys.readouterr().out == "Format: wav\nState: recording\n"
    with ari.expect("RecordingFinished", about=("recording", "customer_call_20240101")) as finished:
        assert ari.hangup_channel(sip) is True
        finished.result(LIMIT)
    assert next(manage) is True
    assert ari.get_recording("customer_call_20240101") is None


def test_bridges(ari: AsteriskARI, sip: str) -> None:
    """Bridges of both types are created; a channel enters and leaves; the bridge is destroyed."""
    names: dict[str, Any] = {"ari": ari, "channel_id": sip}
    before = len(ari.list_bridges())
    run("Bridge Operations / Create Bridge", names)
    both = ari.list_bridges()[before:] if before else ari.list_bridges()
    assert {bridge["type"] for bridge in both} == {"mixing", "holding"}
    manage = steps("Bridge Operations / Manage Bridge Channels", names)
    with ari.expect("ChannelEnteredBridge", about=("channel", sip)) as entered:
        assert next(manage) is True
        entered.result(LIMIT)
    with ari.expect("ChannelLeftBridge", about=("channel", sip)) as left:
        assert next(manage) is True
        left.result(LIMIT)
    assert next(manage) is True
    for bridge in both:
        ari.bridges.destroy(bridge["id"]) if bridge["id"] != names["bridge_id"] else None
    eventually(lambda: len(ari.list_bridges()) == before, "bridges are left")


def test_conference(ari: AsteriskARI) -> None:
    """All channels of the list are in the bridge and hear each other."""
    channel_ids = [place(ari)[0].id for _ in range(3)]
    names: dict[str, Any] = {"ari": ari, "channel_ids": channel_ids}
    run("Bridge Operations / Example: Conference Call", names)
    bridge = ari.bridges(names["bridge_id"])
    eventually(lambda: len(bridge.refresh().json["channels"]) == len(channel_ids), "somebody is missing")
    assert set(bridge.json["channels"]) == set(channel_ids)
    bridge.destroy()


def test_silence_detection(ari: AsteriskARI, sip: str) -> None:
    """Between start and stop the far end's talking is reported."""
    fragment = steps("Advanced Features / Silence Detection", {"ari": ari, "channel_id": sip})
    with ari.expect("ChannelTalkingStarted", about=("channel", sip)) as talking:
        assert next(fragment) is True
        talking.result(LIMIT)
    assert next(fragment) is True


def test_snoop(ari: AsteriskARI, sip: str) -> None:
    """Both forms give a channel that monitors, whispers, and is in the app."""
    names: dict[str, Any] = {"ari": ari, "target_channel_id": sip, "agent_channel_id": sip}
    entered: dict[str, Any] = {}
    ari.on("StasisStart", lambda event: entered.setdefault(event["channel"]["id"], event))
    run("Advanced Features / Channel Monitoring (Snoop)", names)
    eventually(lambda: names["snoop_id"] in entered and len(entered) >= 2, "a snoop channel is missing")
    snoops = [event for event in entered.values() if event["channel"]["name"].startswith(f"Snoop/{sip}-")]
    assert sorted(event["args"] for event in snoops) == [[], ["monitoring"]]


def test_redirection(ari: AsteriskARI, sip: str) -> None:
    """The redirection of a SIP channel is accepted."""
    assert run("Advanced Features / Channel Redirection", {"ari": ari, "channel_id": sip}) == [True]


def test_event_subscriptions(ari: AsteriskARI, pbx: Any) -> None:
    """A channel and a bridge of somebody else's are heard, until unsubscribed."""
    credentials = {"url": pbx.url, "username": pbx.username, "password": pbx.password}
    with AsteriskARI(**credentials, app_name=fresh("other")) as other:
        near, _ = place(other)
        bridge = other.bridges.create()
        names = {"ari": ari, "channel_id": near.id, "bridge_id": bridge.id}
        fragment = steps("Advanced Features / Event Subscriptions", names)
        assert [next(fragment), next(fragment)] == [True, True]
        with ari.expect("ChannelVarset", about=("channel", near.id)) as heard, bridge_gone(ari, bridge.id) as gone:
            near.set_variable("HEARD", "1")
            heard.result(LIMIT)
            bridge.destroy()
            gone.result(LIMIT)
        assert next(fragment) is True
        hang_up_all(other)


def bridge_gone(ari: AsteriskARI, bridge_id: str) -> Any:
    """A wait for the end of a bridge."""
    return ari.expect("BridgeDestroyed", about=("bridge", bridge_id))


def test_active_resources(ari: AsteriskARI, sip: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Channels and bridges are printed, with state and type."""
    bridge = ari.bridges.create("holding")
    run("System Information / List Active Resources", {"ari": ari})
    said = capsys.readouterr().out.splitlines()
    assert f"Channel: {sip} - State: Up" in said
    assert f"Bridge: {bridge.id} - Type: holding" in said
    bridge.destroy()


def test_event_handling(ari: AsteriskARI, capsys: pytest.CaptureFixture[str]) -> None:
    """The event loop handles a call from its beginning to its end."""
    before = ari.stats.registrations
    loop = threading.Thread(target=run, args=("Event Handling / Event-Driven Application", {"ari": ari}))
    loop.start()
    eventually(lambda: ari.stats.registrations == before + 2, "the loop does not run")
    with ari.expect("PlaybackFinished") as played:
        caller = ari.channels.originate("Local/aiagc@stasis", context="plain", extension="talk")
        playback = played.result(LIMIT)["playback"]
    assert (playback["media_uri"], playback["state"]) == ("sound:welcome", "done")
    channel_id = playback["target_uri"].removeprefix("channel:")
    said = ""

    def ended() -> bool:
        nonlocal said
        said += capsys.readouterr().out
        return f"Channel ended: {channel_id}\n" in said

    caller.hangup()
    eventually(ended, "its end was not handled")
    assert said == f"New channel: {channel_id}\nChannel ended: {channel_id}\n"
    ari.stop()
    loop.join(LIMIT)
    assert not loop.is_alive()


def test_no_fragment_is_left_out(request: pytest.FixtureRequest) -> None:
    """The tests above name every fragment of the file."""
    text = Path(__file__).read_text()
    for title in FRAGMENTS:
        parent, _, last = title.rpartition(" / ")
        assert f'"{title}"' in text or (f'f"{parent} / {{title}}"' in text and f'"{last}"' in text), title
    assert len(FRAGMENTS) == 25
