"""`reset`: a server that is used by one test after the other."""

from __future__ import annotations

import asyncio

import pytest

from asterisk_ari import AsteriskARI
from asterisk_ari.testing import EmbeddedAsterisk
from tests.embedded.support import Client


def test_nothing_is_left_and_programs_stay_connected() -> None:
    with EmbeddedAsterisk(virtual_time=True, recordings={"welcome": 1.0}) as asterisk:
        access = {"url": asterisk.url, "username": asterisk.username, "password": asterisk.password}
        with AsteriskARI(app_name="ivr", **access) as ari:
            ended: list[str] = []
            ari.on("StasisStart", lambda event: ari.channels(event["channel"]["id"]).answer())
            ari.on("StasisEnd", lambda event: ended.append(event["channel"]["id"]))
            first = asterisk.incoming_call(app="ivr")
            asterisk.wait_until(lambda: first.answered)
            ari.bridges.create(bridge_id="b")
            ari.recordings.get_stored("welcome").delete()
            asterisk.faults.answer(500, path="/asterisk/info", times=None)

            asterisk.reset()

            assert first.ended
            assert ended == [first.channel_id]
            assert (asterisk.channels, asterisk.bridges, asterisk.requests, asterisk.events) == ({}, {}, [], [])
            assert [*asterisk.recordings] == ["welcome"]
            assert ari.get_asterisk_info()["version"] == asterisk.release

            second = asterisk.incoming_call(app="ivr")
            asterisk.wait_until(lambda: second.answered)
            assert second.channel_id != first.channel_id
            second.hang_up()


def test_subscriptions_to_devices_and_to_all_stay(asterisk: EmbeddedAsterisk, client: Client) -> None:
    client.listen("app", subscribeAll="true")
    client.listen("other")
    client("POST", "applications/other/subscription?eventSource=deviceState:Stasis:x")
    phone = asterisk.incoming_call(app="app")
    asterisk.settle()
    client("POST", f"applications/other/subscription?eventSource=channel:{phone.channel_id}")
    asterisk.reset()
    found = {one["name"]: one for one in client("GET", "applications").body}
    assert found["other"]["device_names"] == ["Stasis:x"]
    assert found["other"]["channel_ids"] == []
    asterisk.incoming_call(context="plain", called="wait")
    asterisk.settle()
    assert asterisk.events.of("ChannelCreated")


def test_in_an_event_loop_it_says_what_to_do(asterisk: EmbeddedAsterisk) -> None:
    async def program() -> None:
        with pytest.raises(RuntimeError, match=r"asyncio\.to_thread"):
            asterisk.reset()

    asyncio.run(program())
