"""Commands on one channel: answer, ring, hold, mute, DTMF, music, silence, hang-up."""

import re

from tests.contract.calls import answered_pair, both_halves, caller, hang_up, originate
from tests.contract.driver import Server
from tests.contract.scenarios import scenario

COMMANDS = (
    ("GET", ""),
    ("DELETE", ""),
    ("POST", "/continue"),
    ("POST", "/move?app=x"),
    ("POST", "/redirect?endpoint=Local/x"),
    ("POST", "/answer"),
    ("POST", "/ring"),
    ("DELETE", "/ring"),
    ("POST", "/progress"),
    ("POST", "/dtmf?dtmf=1"),
    ("POST", "/mute?direction=both"),
    ("DELETE", "/mute?direction=both"),
    ("POST", "/hold"),
    ("DELETE", "/hold"),
    ("POST", "/moh"),
    ("DELETE", "/moh"),
    ("POST", "/silence"),
    ("DELETE", "/silence"),
    ("POST", "/play?media=sound:hello-world"),
    ("POST", "/play/p?media=sound:hello-world"),
    ("POST", "/record?name=r&format=wav"),
    ("GET", "/variable?variable=A"),
    ("POST", "/variable?variable=A&value=b"),
    ("POST", "/snoop?app=x&spy=in"),
    ("POST", "/dial"),
    ("GET", "/rtp_statistics"),
    ("POST", "/transfer_progress?states=channel_progress"),
)


@scenario
def commands_on_an_unknown_channel(server: Server) -> None:
    for method, command in COMMANDS:
        server.request(method, f"/channels/nosuch{command}")


@scenario
def commands_on_a_channel_in_the_dialplan(server: Server) -> None:
    channel = server.name("caller")
    server.post("/channels", {"endpoint": "Local/wait@plain", "context": "plain", "extension": "silent", "channelId": channel})
    server.wait_until(f"/channels/{channel}", lambda one: one["state"] == "Up" and one["dialplan"]["exten"] == "silent")
    for method, command in COMMANDS:
        # On a channel outside the app get, setChannelVar, snoop and hangup work: they are not tested here.
        if command and not command.startswith(("/snoop", "/variable", "/rtp_statistics")):
            server.request(method, f"/channels/{channel}{command}")


@scenario
def answer_both_halves(server: Server) -> None:
    near, far = both_halves(server)
    server.get(f"/channels/{near}")
    server.get(f"/channels/{far}")
    server.post(f"/channels/{far}/answer")
    server.wait("StasisStart", channel=near)
    server.post(f"/channels/{far}/answer")
    server.post(f"/channels/{near}/answer")
    server.wait_until(f"/channels/{far}", lambda one: one["state"] == "Up")
    server.get(f"/channels/{far}")


@scenario
def ring_then_answer(server: Server) -> None:
    near, far = both_halves(server)
    server.post(f"/channels/{far}/ring")
    server.wait("ChannelStateChange", channel=near)
    server.delete(f"/channels/{far}/ring")
    server.post(f"/channels/{far}/answer")
    server.wait("StasisStart", channel=near)


@scenario
def progress(server: Server) -> None:
    near, far = both_halves(server)
    server.post(f"/channels/{far}/progress")
    server.get(f"/channels/{near}")


@scenario
def hold_music_and_silence(server: Server) -> None:
    channel = caller(server)
    for what in ("hold", "moh", "silence"):
        server.post(f"/channels/{channel}/{what}")
        server.delete(f"/channels/{channel}/{what}")
    server.delete(f"/channels/{channel}/moh")
    server.post(f"/channels/{channel}/moh", {"mohClass": "nosuch"})


@scenario
def music_on_hold_of_the_other_half(server: Server) -> None:
    channel = caller(server)
    server.post(f"/channels/{channel}/moh", {"mohClass": "default"})
    server.pass_time()
    server.delete(f"/channels/{channel}/moh")
    server.pass_time()
    hang_up(server, channel)


@scenario
def hold_affects_one_half(server: Server) -> None:
    near, far = answered_pair(server)
    server.post(f"/channels/{near}/hold")
    server.pass_time()
    server.delete(f"/channels/{near}/hold")
    server.pass_time()
    server.get(f"/channels/{far}")


@scenario
def mute(server: Server) -> None:
    channel = caller(server)
    for direction in ("in", "out", "both"):
        server.post(f"/channels/{channel}/mute", {"direction": direction})
        server.delete(f"/channels/{channel}/mute", {"direction": direction})
    server.post(f"/channels/{channel}/mute")
    server.post(f"/channels/{channel}/mute", {"direction": "sideways"})
    server.delete(f"/channels/{channel}/mute", {"direction": "sideways"})
    server.delete(f"/channels/{channel}/mute")


@scenario
def dtmf_reaches_the_other_half(server: Server) -> None:
    near, far = answered_pair(server)
    server.post(f"/channels/{near}/dtmf", {"dtmf": "1#"})
    server.wait("ChannelDtmfReceived", channel=far)
    server.wait("ChannelDtmfReceived", channel=far)
    server.post(f"/channels/{far}/dtmf", {"dtmf": "A", "duration": 200, "before": 20, "after": 20, "between": 20})
    server.wait("ChannelDtmfReceived", channel=near)


@scenario
def dtmf_errors(server: Server) -> None:
    channel = caller(server)
    server.post(f"/channels/{channel}/dtmf")
    server.post(f"/channels/{channel}/dtmf", {"dtmf": ""})
    server.post(f"/channels/{channel}/dtmf", None, {"dtmf": 5})
    server.post(f"/channels/{channel}/dtmf", {"dtmf": "x"})


@scenario
def dtmf_from_the_dialplan(server: Server) -> None:
    channel = caller(server, far="dtmf")
    for _ in range(5):
        server.wait("ChannelDtmfReceived", channel=channel)


@scenario
def hangup_reasons(server: Server) -> None:
    for reason in ("normal", "busy", "congestion", "no_answer", "timeout", "rejected", "unallocated", "normal_unspecified"):
        channel = caller(server, reason)
        hang_up(server, channel, reason=reason)


@scenario
def hangup_more_reasons(server: Server) -> None:
    for reason in ("number_incomplete", "codec_mismatch", "interworking", "failure", "answered_elsewhere"):
        channel = caller(server, reason)
        hang_up(server, channel, reason=reason)
    channel = caller(server, "code")
    hang_up(server, channel, reason_code="34")


@scenario
def hangup_errors(server: Server) -> None:
    channel = caller(server)
    server.delete(f"/channels/{channel}", {"reason": "nonsense"})
    server.delete(f"/channels/{channel}", {"reason": ""})
    server.wait("ChannelDestroyed", channel=channel)
    server.delete(f"/channels/{channel}")
    # Older releases ignore the parameter and hang up.
    server.delete(f"/channels/{caller(server, 'both')}", {"reason": "normal", "reason_code": "16"})
    server.delete(f"/channels/{caller(server, 'large')}", {"reason_code": "1000"})


@scenario
def hangup_by_the_far_half(server: Server) -> None:
    channel = caller(server)
    server.delete(f"/channels/{channel}-far")
    server.wait("ChannelDestroyed", channel=channel)


@scenario
def hangup_before_the_answer(server: Server) -> None:
    near, far = both_halves(server)
    server.delete(f"/channels/{far}", {"reason": "busy"})
    server.wait("ChannelDestroyed", channel=far)
    server.wait_until_gone(f"/channels/{near}")


@scenario
def hangup_by_the_dialplan(server: Server) -> None:
    channel = caller(server, far="short")
    server.wait("ChannelDestroyed", channel=channel)


@scenario
def rtp_statistics_without_rtp(server: Server) -> None:
    channel = caller(server)
    server.get(f"/channels/{channel}/rtp_statistics")


@scenario
def transfer_progress_without_a_transfer(server: Server) -> None:
    channel = caller(server)
    server.post(f"/channels/{channel}/transfer_progress")
    server.post(f"/channels/{channel}/transfer_progress", {"states": "nonsense"})
    server.post(f"/channels/{channel}/transfer_progress", {"states": "channel_progress"})
    server.post(f"/channels/{channel}/transfer_progress", {"states": ""})


@scenario
def channel_names_and_list(server: Server) -> None:
    caller(server, "one")
    originate(server, "two", "silent")
    both_halves(server, "three")
    server.get("/channels", reduce=lambda body: sorted([re.sub(r"-[0-9a-f]{8}", "", one["name"]), one["state"]] for one in body))
