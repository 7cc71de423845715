"""`record` keeps the events of a server; `ladder` draws the sequence of a call out of them, as text, Mermaid, SVG and HTML."""

import json
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import pytest

from asterisk_ari._core.ladder.recording import read_recording
from asterisk_ari._core.ladder.sequence import Arrow, CallSequence, Lane, sequence_of
from asterisk_ari._core.ladder.text_ladder import cut, text_ladder
from asterisk_ari.cli.ladder.page import svg
from asterisk_ari.errors import BadArgument
from asterisk_ari.testing import EmbeddedAsterisk
from tests.cli.running import Run
from tests.cli.test_tail import a_call, meanwhile

ALICE = {"id": "1", "name": "PJSIP/alice-00000001", "state": "Up", "caller": {"name": "Ann", "number": "1234"}}
TRUNK = {"id": "2", "name": "PJSIP/trunk-00000002", "state": "Up", "caller": {"name": "", "number": "77"}}
EVE = {"id": "3", "name": "PJSIP/eve-00000003", "state": "Up", "caller": {"name": "", "number": "99"}}
DESK = {"id": "b", "name": "desk", "channels": ["1"]}


def at(ms: int, kind: str, **more: Any) -> dict[str, Any]:
    stamp = f"2026-01-01T12:00:{ms // 1000:02}.{ms % 1000:03}+0000"
    return {"at": stamp, "event": {"type": kind, "timestamp": stamp, **more}}


def asked(ms: int, method: str, path: str, status: int = 204) -> dict[str, Any]:
    stamp = f"2026-01-01T12:00:{ms // 1000:02}.{ms % 1000:03}+0000"
    return {"at": stamp, "request": {"method": method, "path": path}, "status": status}


RECORDING = [
    {"recording": 1, "server": "http://pbx:8088/ari", "version": "22.10.1", "started": "2026-01-01T12:00:00+00:00"},
    at(0, "ChannelCreated", channel=ALICE),
    at(1, "ChannelCreated", channel=EVE),
    at(2, "StasisStart", channel=ALICE, application="ivr", args=[]),
    asked(4, "POST", "/channels/1/answer"),
    at(6, "ChannelStateChange", channel=ALICE),
    at(7, "ChannelVarset", channel=ALICE, variable="PIN", value="hunter-two"),
    asked(8, "POST", "/channels/1/play", 201),
    at(9, "PlaybackStarted", playback={"id": "p", "target_uri": "channel:1", "media_uri": "sound:hi", "state": "playing"}),
    asked(10, "DELETE", "/playbacks/p"),
    at(500, "ChannelDtmfReceived", channel=ALICE, digit="7", duration_ms=90),
    at(520, "Dial", caller=ALICE, peer=TRUNK, dialstatus=""),
    asked(530, "POST", "/bridges/b/addChannel", 409),
    at(600, "ChannelEnteredBridge", channel=ALICE, bridge=DESK),
    at(2_000, "ChannelLeftBridge", channel=ALICE, bridge=DESK),
    asked(2_001, "GET", "/channels"),
    at(2_500, "ChannelDestroyed", channel=ALICE, cause=16, cause_txt="Normal Clearing"),
]


def recording(tmp_path: Path, *lines: dict[str, Any]) -> str:
    file = tmp_path / "calls.jsonl"
    file.write_text("".join(json.dumps(line) + "\n" for line in (lines or RECORDING)), encoding="utf-8")
    return str(file)


def test_a_call_as_text_of_eighty_columns(run: Run, tmp_path: Path) -> None:
    """Requests, refusals, dialling, bridges and digits, in milliseconds since it began; no value of a variable."""
    ran = run("ladder", recording(tmp_path), "--call", "alice", "--width", "80")
    assert ran.status == 0
    assert ran.out == EIGHTY
    assert max(map(len, ran.out.splitlines())) <= 80


EIGHTY = """\
     ms  app              PJSIP/al…0000001 PJSIP/tr…0000002 bridge desk
      0    │                ● created from Ann <1234>         │
      2    ◀────────────────┤ enters into ivr                 │
      4    ├─ POST answer ──▶                │                │
      6    │                ● Up             │                │
      8    ├── POST play ───▶                │                │
      9    │                ● sound:hi playing                │
     10    ├────────────────▶ DELETE playback                 │
    500    ◀────────────────┤ digit 7, 90 ms │                │
    520    │                ├─ dial begins ──▶                │
    530    ├───────────── POST addChannel → 409 ──────────────▶
    600    │                ├───────────── joins ─────────────▶
   2000    │                ◀──────────── leaves ─────────────┤
   2500    │                ● ended: Normal Clearing (16)     │
"""


@pytest.mark.parametrize("width", [40, 60, 100, 200])
def test_every_message_is_in_it_at_any_width(width: int) -> None:
    """Whole while there is room for it; no line is longer than the lanes need."""
    sequence = sequence_of(read_recording(map(json.dumps, RECORDING)), ["alice"])
    lines = text_ladder(sequence, width)
    text = "\n".join(lines)
    for said in ("created from Ann <1234>", "POST answer", "digit 7, 90 ms", "dial begins", "joins", "leaves", "ended: Normal"):
        assert said in text
    assert max(map(len, lines)) <= max(width, 9 + 12 * len(sequence.lanes))


def test_other_calls_are_left_out(tmp_path: Path) -> None:
    entries = read_recording(map(json.dumps, RECORDING))
    assert [lane.title for lane in sequence_of(entries, ["1234"]).lanes] == [
        "app", "PJSIP/alice-00000001", "PJSIP/trunk-00000002", "bridge desk",
    ]  # fmt: skip
    assert [lane.title for lane in sequence_of(entries, ["eve"]).lanes] == ["PJSIP/eve-00000003"]
    assert "PJSIP/eve-00000003" in [lane.title for lane in sequence_of(entries, []).lanes]


def test_mermaid(run: Run, tmp_path: Path) -> None:
    out = run("ladder", recording(tmp_path), "-c", "alice", "--as", "mermaid").out.splitlines()
    assert out[:2] == ["sequenceDiagram", "    participant p0 as app"]
    assert "    p0->>p1: 4 ms: POST answer" in out
    assert "    p0-xp3: 530 ms: POST addChannel → 409" in out
    assert "    p1-->>p3: 600 ms: joins" in out
    assert "    Note over p1: 0 ms: created from Ann #60;1234#62;" in out


@pytest.mark.parametrize("kind", ["svg", "html"])
def test_pictures_hold_every_arrow(kind: str, run: Run, tmp_path: Path) -> None:
    """As XML that can be read; what a server says is text there, never markup."""
    lines = [*RECORDING, at(2_600, "ChannelCreated", channel={**ALICE, "id": "9", "name": "<script>alert(1)</script>"})]
    out = run("ladder", recording(tmp_path, *lines), "--as", kind).out
    assert "<script>" not in out
    pictures = (
        [ElementTree.fromstring(f"<svg{part}") for part in out.replace("</html>", "").split("<svg")[1:]] if kind == "svg" else []
    )
    for picture in pictures:
        texts = ["".join(text.itertext()) for text in picture.iter("{http://www.w3.org/2000/svg}text")]
        assert {"POST answer", "digit 7, 90 ms", "2500"} <= set(texts)
    assert out.count("POST answer") == 1
    # Across three lanes: whichever end is in sight says what it is.
    assert out.count("POST addChannel → 409") == 2
    assert "prefers-color-scheme:dark" in out


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("no json\n", "line 1 is neither"),
        ('{"at": "soon", "event": {"type": "X"}}\n', "line 1 is neither"),
        ('{"recording": 2}\n', "format 2 is newer"),
        ("[]\n", "line 1 is neither"),
        ("", "has no events of calls"),
    ],
)
def test_what_is_no_recording_is_said(text: str, said: str, run: Run, tmp_path: Path) -> None:
    (tmp_path / "x").write_text(text, encoding="utf-8")
    ran = run("ladder", str(tmp_path / "x"))
    assert (ran.status, ran.out, said in ran.err) == (2, "", True)


def test_a_file_that_is_not_there(run: Run) -> None:
    ran = run("ladder", "nowhere.jsonl")
    assert (ran.status, "nowhere.jsonl cannot be read" in ran.err) == (2, True)


def test_a_call_is_recorded_and_drawn(run: Run, asterisk: EmbeddedAsterisk, tmp_path: Path) -> None:
    """From the server to the picture; a file that exists is never written over."""
    file = tmp_path / "calls.jsonl"
    ran = meanwhile(
        asterisk,
        lambda: a_call(asterisk),
        lambda: run("record", str(file), "--url", asterisk.url, "--seconds", "60", "--until", "ChannelDestroyed"),
        purpose="record",
    )
    assert ran.status == 0
    out = run("ladder", str(file), "--call", "1234").out
    assert "digit 7" in out
    assert "PJSIP/anonymous" in out
    before = file.read_bytes()
    assert run("record", str(file), "--url", asterisk.url).status == 2
    assert file.read_bytes() == before


def test_long_names_are_cut_in_the_middle() -> None:
    assert (cut("PJSIP/alice-00000001", 12), cut("short", 12)) == ("PJSIP/…00001", "short")


def test_damaged_lines_never_end_in_another_error() -> None:
    with pytest.raises(BadArgument):
        read_recording(['{"event": 5}'])


def test_a_call_that_goes_on_now(run: Run, asterisk: EmbeddedAsterisk) -> None:
    """Without a file: it listens until the calls that began are over, and draws them."""
    ran = meanwhile(asterisk, lambda: a_call(asterisk), lambda: run("ladder", "--call", "1234", "--url", asterisk.url), "ladder")
    assert ran.status == 0
    assert "created from Ann <1234>" in ran.out
    assert "digit 7, 100 ms" in ran.out
    assert "ended: Normal Clearing (16)" in ran.out.splitlines()[-1] + ran.out.splitlines()[-2]
    assert "it is drawn when the calls are over" in ran.err


def test_nothing_is_heard(run: Run, asterisk: EmbeddedAsterisk) -> None:
    ran = run("ladder", "--seconds", "0.2", "--url", asterisk.url)
    assert (ran.status, "what was heard has no events of calls" in ran.err) == (2, True)


def test_what_is_said_at_the_last_lane_is_not_cut(run: Run, tmp_path: Path) -> None:
    """The diagram is as wide as its longest text; times stand in a part of their own, which stays where it is."""
    long = "sound:" + "a-prompt-with-a-long-name/" * 4
    playback = {"id": "p", "target_uri": "channel:1", "media_uri": long, "state": "playing"}
    file = recording(tmp_path, *RECORDING[:3], at(9, "PlaybackStarted", playback=playback))
    drawn = ElementTree.fromstring(run("ladder", file, "--as", "svg").out)
    [text] = [one for one in drawn.iter("{http://www.w3.org/2000/svg}text") if (one.text or "").startswith(long)]
    assert float(text.get("x", "0")) + 7 * len(text.text or "") < float(drawn.get("width", "0"))
    page = run("ladder", file, "--as", "html").out
    unit, times = (part.partition("</div>")[0] for part in page.split('<div class="times">')[1:])
    assert (unit.count("<text"), ">ms</text>" in unit) == (1, True)
    assert times.count('class="t"') == page.count('class="t"') - 1 > 2


def event_of_a_transfer(state: str | None = None) -> dict[str, Any]:
    channel = {"id": "2", "name": "PJSIP/alice-00000002", "caller": {"name": "", "number": ""}}
    by = {"source_channel": channel, "bridge": {"id": "b", "name": "", "channels": ["1", "2"]}}
    to = {"requested_destination": {"destination": "bob"}}
    event = {"type": "ChannelTransfer", "timestamp": "2026-01-01T12:00:01.000+0000", "refer_to": to, "referred_by": by}
    return {"at": event["timestamp"], "event": event | ({"state": state} if state else {})}


def test_a_transfer_is_in_the_lane_of_who_asks_for_it(run: Run, tmp_path: Path) -> None:
    """Its event has the channel elsewhere than others; `--call` finds it by that, too."""
    file = recording(tmp_path, event_of_a_transfer(), event_of_a_transfer("channel_answered"))
    lines = run("ladder", file, "--call", "alice").out.splitlines()
    assert ["transfer to bob" in lines[1], "transfer answered" in lines[2]] == [True, True]
    assert "PJSIP/alice" in lines[0]


@pytest.mark.parametrize(("name", "said"), [("sales", "bridge sales"), ("bridge-5220", "bridge-5220"), ("", "bridge b1")])
def test_the_lane_of_a_bridge_says_that_it_is_one(name: str, said: str) -> None:
    """Once: a name may say it itself."""
    at = "2026-01-01T12:00:00.000+0000"
    event = {"type": "BridgeDestroyed", "timestamp": at, "bridge": {"id": "b1", "name": name, "channels": []}}
    lines = text_ladder(sequence_of(read_recording([json.dumps(event)]), []), 80)
    assert lines[0].split(maxsplit=1) == ["ms", said]


def test_many_lanes_have_letters_whose_names_stand_above() -> None:
    """Eight fit into eighty columns; arrows keep their words."""
    events = [
        {
            "type": "ChannelCreated",
            "timestamp": f"2026-01-01T12:00:0{number}.000+0000",
            "channel": {"id": str(number), "name": f"PJSIP/phone-{number:08}"},
        }
        for number in range(8)
    ]
    lines = text_ladder(sequence_of(read_recording(map(json.dumps, events)), []), 80)
    assert lines[0] == "      A  PJSIP/phone-00000000"
    assert lines[8].split() == ["ms", *"ABCDEFGH"]
    assert max(map(len, lines)) <= 80
    assert sum("created" in line for line in lines) == 8


@pytest.mark.parametrize(("messages", "headings"), [(1, 1), (40, 1), (41, 2), (300, 8)])
def test_the_names_of_a_long_call_stand_there_again(messages: int, headings: int) -> None:
    """Once for each screen of it; every message has its line."""
    events = [
        {
            "type": "ChannelDtmfReceived",
            "timestamp": f"2026-01-01T12:{number // 60:02}:{number % 60:02}.000+0000",
            "digit": str(number % 10),
            "duration_ms": 90,
            "channel": {"id": "1", "name": "PJSIP/alice-00000001"},
        }
        for number in range(messages)
    ]
    lines = text_ladder(sequence_of(read_recording(map(json.dumps, events)), []), 80)
    assert lines.count(lines[0]) == headings
    assert "PJSIP/alice-00000001" in lines[0]
    assert len(lines) == messages + headings
    assert max(map(len, lines)) <= 80


@pytest.mark.parametrize(("text", "said"), [("short", 2), ("a word " * 12, 1)])
def test_an_arrow_over_two_lanes_says_at_both_ends_what_it_is(text: str, said: int) -> None:
    """On a telephone one end is out of sight; what is long is said once, or it would stand over itself."""
    lanes = [Lane(key, f"PJSIP/{key}-1") for key in "abc"]
    drawn = svg(CallSequence(lanes, [Arrow(0, "a", "c", text, "event"), Arrow(1, "a", "b", "near", "event")]))
    assert (drawn.count(f">{text}<"), drawn.count(">near<")) == (said, 1)


def test_what_is_of_one_millisecond_stays_in_its_order(tmp_path: Path) -> None:
    """A request, whose time is more exact, comes before what it causes, as it stands in the file."""
    request = {
        "at": "2026-01-01T12:00:01.000900+00:00",
        "request": {"method": "POST", "path": "/channels/2/answer"},
        "status": 204,
    }
    caused = {"type": "ChannelStateChange", "timestamp": "2026-01-01T12:00:01.000+0000", "channel": {"id": "2", "state": "Up"}}
    entries = read_recording(map(json.dumps, [request, caused]))
    assert [entry.request is not None for entry in entries] == [True, False]
    assert [arrow.at_ms for arrow in sequence_of(entries, []).arrows] == [0, 0]


def test_times_without_a_zone_are_read() -> None:
    event = {"type": "ChannelCreated", "timestamp": "2026-01-01T12:00:01", "channel": {"id": "2", "name": "a"}}
    later = event | {"timestamp": "2026-01-01T12:00:01.500+0000"}
    assert [arrow.at_ms for arrow in sequence_of(read_recording(map(json.dumps, [later, event])), []).arrows] == [0, 500]
