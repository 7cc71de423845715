"""`calls`: who talks to whom, as a table."""

from datetime import UTC, datetime
from typing import Any

import pytest

from asterisk_ari import AsteriskARI
from asterisk_ari.cli.calls.rows import age_of, columns_for, rows_of
from asterisk_ari.testing import EmbeddedAsterisk
from tests.cli.running import Run

NOW = datetime(2026, 1, 1, 13, 0, 0, tzinfo=UTC)


def channel(name: str, **more: Any) -> dict[str, Any]:
    return {"id": name, "name": name, "state": "Up", "creationtime": "2026-01-01T12:59:53.000+0000", **more}


def test_who_is_in_one_bridge_stands_together() -> None:
    channels = [channel("PJSIP/a"), channel("PJSIP/b"), channel("PJSIP/c", caller={"name": "Ann", "number": "1"})]
    rows = rows_of(channels, [{"id": "x", "name": "desk", "channels": ["PJSIP/c", "PJSIP/a"]}], NOW)
    assert [(row.channel, row.bridge, row.caller, row.age) for row in rows] == [
        ("PJSIP/a", "desk", "", "0:07"),
        ("PJSIP/c", "desk", "Ann <1>", "0:07"),
        ("PJSIP/b", "", "", "0:07"),
    ]


@pytest.mark.parametrize(
    ("created", "age"),
    [
        ("2026-01-01T12:47:26.000+0000", "12:34"),
        ("2026-01-01T10:57:57.500+0000", "2:02:02"),
        ("2026-01-01T13:00:09.000+0000", "0:00"),
        (None, ""),
        ("soon", ""),
    ],
)
def test_how_long_it_has_been_there(created: str | None, age: str) -> None:
    assert age_of(created, NOW) == age


@pytest.mark.parametrize(
    ("width", "columns"),
    [
        (200, ["channel", "state", "age", "caller", "connected", "where", "bridge"]),
        (80, ["channel", "state", "age", "caller", "where", "bridge"]),
        (40, ["channel", "state", "bridge"]),
    ],
)
def test_a_narrow_terminal_does_without_columns(width: int, columns: list[str]) -> None:
    assert columns_for(width) == columns


def test_a_pipe_gets_the_table_once(run: Run, asterisk: EmbeddedAsterisk) -> None:
    """With all columns, nothing cut, and no control characters."""
    with AsteriskARI(url=asterisk.url, username="asterisk", password="asterisk", app_name="ivr") as ari:
        with ari.expect("StasisStart") as entered:
            asterisk.incoming_call(app="ivr", caller="Ann With A Rather Long Name <1234>")
            caller = ari.channels(entered.result(20)["channel"]["id"])
        bridge = ari.bridges.create(type="mixing", name="desk")
        ari.bridges.create(type="holding", name="forgotten")
        with bridge.expect("ChannelEnteredBridge") as inside:
            bridge.add_channel(caller)
            inside.result(20)
        ran = run("calls", "--url", asterisk.url)
        as_json = run("calls", "--url", asterisk.url, "--json").json
    head, row, summary = ran.out.splitlines()
    assert (ran.status, head.split()) == (0, ["channel", "state", "age", "caller", "connected", "where", "bridge"])
    assert "Ann With A Rather Long Name <1234>" in row
    assert row.endswith("desk")
    assert summary == "1 channel, 2 bridges; nobody is in forgotten"
    assert "\x1b" not in ran.out
    assert [one["id"] for one in as_json["channels"]] == [caller.id]


def test_nothing_is_there(run: Run, asterisk: EmbeddedAsterisk) -> None:
    assert run("calls", "--once", "--url", asterisk.url).out == "0 channels, 0 bridges\n"


def test_an_error_is_one_line(run: Run, asterisk: EmbeddedAsterisk) -> None:
    ran = run("calls", "--url", asterisk.url, "--user", "nobody")
    assert (ran.status, ran.out, len(ran.err.splitlines())) == (1, "", 1)
    assert "401" in ran.err
