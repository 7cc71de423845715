"""The reference document's programs, with annotations: what it documents has the types that it says."""

from typing import Any, assert_type

from asterisk_ari import AsyncAsteriskARI
from asterisk_ari.aio import Channel


async def handle_new_call(channel_obj: Channel) -> None:
    print(f"New call from: {channel_obj.json.get('caller', {}).get('number')}")
    await channel_obj.answer()
    await channel_obj.play(media="sound:custom/welcome")
    await channel_obj.record(name=f"call_{channel_obj.id}", format="wav", max_duration_seconds=600)


async def simple_outbound_call() -> None:
    ari = AsyncAsteriskARI(host="localhost", port=8088, username="asterisk", password="secret", app_name="aiagc")
    await ari.connect()
    channel_id = await ari.originate_call(
        endpoint="PJSIP/1234567890",
        context="outbound-calls",
        extension="s",
        caller_id="Company <+15551234567>",
        variables={"CAMPAIGN_TYPE": "sales", "CUSTOMER_ID": "12345"},
    )
    assert_type(channel_id, str | None)
    await ari.answer_channel(channel_id)  # error: mypy[arg-type] pyright[reportArgumentType]
    if channel_id:
        assert_type(await ari.answer_channel(channel_id), bool)
        assert_type(await ari.send_dtmf("12345", channel_id, duration=100), bool)
        assert_type(await ari.get_channel_info(channel_id), dict[str, Any] | None)
        assert_type(await ari.get_channel_variable("CUSTOM_VAR", channel_id), str | None)
        assert_type(await ari.snoop_channel(channel_id=channel_id, spy="both", whisper="none"), str | None)
    assert_type(await ari.create_bridge("mixing"), str | None)
    assert_type(await ari.list_channels(), list[dict[str, Any]])
    assert_type(await ari.get_asterisk_info(), dict[str, Any])
    await ari.disconnect()
