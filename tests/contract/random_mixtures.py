"""Random requests of more kinds: caller ids, variables, create and dial, snoops, what bridges play and record, stored recordings."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import rule

from tests.contract.random_calls import BRIDGES, CHANNELS, DIRECTIONS, FARS, VALUES, RandomCalls

CALLER_IDS = st.sampled_from(["Ann <1234>", '"Bob B" <5>', "77", "Eve", "<9>", ""])
ARGUMENTS = st.sampled_from(["", "one", "one,two", 'x=1,"y,z"', "(a,b),c", "one,,three", " spaced , out "])
MEDIA = st.sampled_from(
    ["sound:beep", "sound:beep,sound:hello-world", "digits:42", "number:7", "sound:nosuch", "tone:ring", "x", ""]
)
FUNCTIONS = st.sampled_from(
    [
        "LEN(abc)",
        "CALLERID(num)",
        "CALLERID(all)",
        "CHANNEL(state)",
        "CHANNEL(name)x",
        "NOSUCH(1)",
        "IF(1?a:b)",
        "VOLUME(TX)",
        "EXTEN",
    ]
)
PLACES = st.sampled_from([
    {"context": "plain"}, {"context": "ctx"}, {"context": "plain", "extension": "talk"}, {"extension": "wait", "priority": "2"},
    {"context": "plain", "extension": "talk", "label": "top"}, {"context": "nosuch"}, {"label": "nosuch"},
])  # fmt: skip
RECORDINGS = st.sampled_from(["r1", "r2", "r3"])


class RandomMixtures(RandomCalls):
    """All that RandomCalls does, and more kinds of requests."""

    @rule(channel=CHANNELS, far=FARS, caller=CALLER_IDS, arguments=ARGUMENTS, value=VALUES)
    def originate_with_more(self, channel: str, far: str, caller: str, arguments: str, value: str) -> None:
        params = {
            "endpoint": f"Local/{far}@plain",
            "app": "app*",
            "appArgs": arguments,
            "callerId": caller,
            "channelId": f"{channel}*",
            "otherChannelId": f"{channel}-far*",
        }
        self.change("POST", "/channels", params, ("app", "channelId", "otherChannelId"), json={"variables": {"RANDOM": value}})

    @rule(channel=CHANNELS, far=FARS)
    def create(self, channel: str, far: str) -> None:
        ids = ("app", "channelId", "otherChannelId")
        params = {
            "endpoint": f"Local/{far}@plain",
            "app": "app*",
            "channelId": f"{channel}*",
            "otherChannelId": f"{channel}-far*",
        }
        self.change("POST", "/channels/create", params, ids)

    @rule(channel=CHANNELS, seconds=st.sampled_from(["", "5", "-1"]))
    def dial(self, channel: str, seconds: str) -> None:
        self.change("POST", f"/channels/{channel}*/dial", {"timeout": seconds} if seconds else {})

    @rule(channel=CHANNELS, spy=DIRECTIONS, whisper=st.sampled_from(["none", "out", "both", "sideways"]))
    def snoop(self, channel: str, spy: str, whisper: str) -> None:
        params = {"app": "app*", "spy": spy, "whisper": whisper}
        self.change("POST", f"/channels/{channel}*/snoop/{channel}-snoop*", params, ("app",))

    @rule(channel=CHANNELS)
    def hang_up_the_snoop(self, channel: str) -> None:
        self.change("DELETE", f"/channels/{channel}-snoop*")

    @rule(channel=CHANNELS, place=PLACES)
    def continue_at(self, channel: str, place: dict[str, str]) -> None:
        self.change("POST", f"/channels/{channel}*/continue", dict(place))

    @rule(channel=CHANNELS, name=FUNCTIONS)
    def read_function(self, channel: str, name: str) -> None:
        self.request("GET", f"/channels/{channel}*/variable", {"variable": name})

    @rule(channel=CHANNELS, media=MEDIA)
    def play_media(self, channel: str, media: str) -> None:
        params = {"media": media, "playbackId": f"p{next(self._numbers)}*"}
        self.change("POST", f"/channels/{channel}*/play", params, ("playbackId",))

    @rule(bridge=BRIDGES, media=MEDIA)
    def play_in_bridge(self, bridge: str, media: str) -> None:
        params = {"media": media, "playbackId": f"p{next(self._numbers)}*"}
        self.change("POST", f"/bridges/{bridge}*/play", params, ("playbackId",))

    @rule(bridge=BRIDGES, name=RECORDINGS)
    def record_bridge(self, bridge: str, name: str) -> None:
        self.change(
            "POST", f"/bridges/{bridge}*/record", {"name": f"{name}*", "format": "wav", "ifExists": "overwrite"}, ("name",)
        )

    @rule(name=RECORDINGS)
    def stored_recording(self, name: str) -> None:
        self.request("GET", f"/recordings/live/{name}*")
        self.request("GET", f"/recordings/stored/{name}*")

    @rule(channel=CHANNELS, keys=st.sampled_from(["1", "12#", "", "x"]))
    def press(self, channel: str, keys: str) -> None:
        self.change("POST", f"/channels/{channel}*/dtmf", {"dtmf": keys})
