"""Random walks: sequences of requests of all kinds that follow from a seed alone, so that a shorter part of one can be repeated.

Which requests are valid at a time is not modelled: a few channels, bridges, playbacks and recordings get all kinds of requests,
whether they exist, have ended, or never existed. A "*" stands for the token of a run.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Params = dict[str, str]


@dataclass(frozen=True)
class Step:
    """A request; `form` sends its parameters as a form instead of in the query."""

    method: str
    path: str
    params: Params | None = None
    json: Any = None
    form: bool = False


@dataclass(frozen=True)
class Walk:
    """The requests, and who listens: an app `other` beside `app`, and whether `app` hears of everything."""

    seed: int
    steps: tuple[Step, ...]
    hears_all: bool
    has_other: bool


FARS = ("wait", "wait", "silent", "ring", "talk", "echo", "play", "dtmf", "hangup17", "busy", "short", "vars", "progress", "moh")
ENDPOINTS = ("Local/wait@nosuch", "Local/nosuch@plain", "PJSIP/nosuch", "nosuch/x", "SIP/x", "PJSIP/", "", "Local")
APPS = ("app*", "app*", "app*", "other*")
ARGUMENTS = ("", "one", "one,two", 'x=1,"y,z"', "(a,b),c", "one,,three", " spaced , out ")
CALLERS = ("Ann <1234>", '"Bob B" <5>', "77", "Eve", "<9>", "")
VALUES = ("1", "a b", "", "ä", "x,y", '"q"', "semi;colon", "50%", "a+b&c=d")
NAMES = ("RANDOM", "_ONE", "__TWO", "CALLERID(num)", "CALLERID(name)", "CALLERID(all)", "CONNECTEDLINE(num)", "CHANNEL(language)",
         "CHANNEL(musicclass)", "TALK_DETECT(set)", "VOLUME(TX)", "JITTERBUFFER(adaptive)", "CDR(userfield)", "GLOBAL(WALK*)",
         "NOSUCH(1)", "", "HASH(a,b)", "CHANNEL(accountcode)")  # fmt: skip
READ = ("RANDOM", "ONE", "TWO", "_ONE", "LEN(abc)", "CALLERID(num)", "CALLERID(name)", "CALLERID(all)", "CONNECTEDLINE(all)",
        "CHANNEL(state)", "CHANNEL(language)", "CHANNEL(channeltype)", "NOSUCH(1)", "IF(1?a:b)", "IF(${RANDOM}?a:b)", "VOLUME(TX)",
        "EXTEN", "CONTEXT", "PRIORITY", "MATH(3+4,int)", "CUT(RANDOM,b,1)", "TOUPPER(abc)", "CDR(userfield)", "CDR(src)",
        "PJSIP_HEADER(read,To)", "JITTERBUFFER(fixed)", "CHANNEL(linkedid)", "ISNULL()", "EXISTS(x)", "HANGUPCAUSE", "BRIDGEPEER",
        "UNIQUEID", "CALLERID(dnid)", "FILTER(0-9,a1b2)", "REPLACE(RANDOM,a,b)", "STRFTIME(0,,%Y)", "SHELL(x)", "")  # fmt: skip
MEDIA = ("sound:tt-monkeys", "sound:beep", "sound:beep,sound:hello-world", "digits:42", "number:7", "sound:nosuch", "tone:ring",
         "x", "", "sound:beep,,sound:beep", "sound:", "beep,sound:beep", "recording:r1*", "recording:nosuch", "characters:ab",
         "sound:silence/1,sound:nosuch", "tone:400/250", "nosuch:x", "sound:hello-world&sound:beep", "number:x", "digits:x")  # fmt: skip
PLACES: tuple[Params, ...] = (
    {}, {"context": "plain"}, {"context": "ctx"}, {"context": "plain", "extension": "talk"}, {"extension": "wait"},
    {"extension": "wait", "priority": "2"}, {"context": "plain", "extension": "talk", "label": "top"}, {"context": "nosuch"},
    {"label": "nosuch"}, {"extension": "silent"}, {"context": "stasis", "extension": "app*"}, {"priority": "2"},
    {"context": "stasis-args", "extension": "app*"}, {"context": "plain", "extension": "hangup17"}, {"priority": "x"},
    {"context": "plain", "extension": "busy"}, {"context": "stasis", "extension": "other*"},
)  # fmt: skip
REASONS: tuple[Params, ...] = (
    {}, {}, {}, {"reason": "busy"}, {"reason": "congestion"}, {"reason": "no_answer"}, {"reason": "nosuch"}, {"reason_code": "17"},
    {"reason_code": "-1"}, {"reason_code": "999"}, {"reason_code": "x"}, {"reason": "busy", "reason_code": "17"}, {"reason": ""},
)  # fmt: skip
DIRECTIONS = ("in", "out", "both", "none", "sideways", "")
SOURCES = ("channel:c1*", "channel:", "bridge:b1*", "bridge:", "endpoint:PJSIP", "endpoint:PJSIP/uas", "deviceState:Stasis:d*",
           "deviceState:", "nosuch:x", "endpoint:Local", "channel:c1*,bridge:b1*", "channel", "", "channel:nosuch")  # fmt: skip
FILTERS: tuple[Any, ...] = (
    {"allowed": [{"type": "StasisStart"}]}, {"disallowed": [{"type": "ChannelVarset"}]}, {}, [1], {"allowed": []},
    {"allowed": "x"}, {"allowed": [{"nosuch": 1}]}, {"disallowed": [{"type": "ChannelDtmfReceived"}], "allowed": []},
)  # fmt: skip
ODD_IDS = ("c 1*", "c/1*", "c%1*", "ä*", "c1*;2", "c?1*", "c#1*", "c+1*")
OFTEN = {
    "k_add": 4,
    "k_play_long": 2,
    "k_play": 2,
    "k_record": 2,
    "k_set_variable": 2,
    "k_control": 2,
    "k_continue": 2,
    "k_switch": 2,
}
FORMATS = ("wav", "wav", "wav", "ulaw", "sln16", "nosuch", "")


class Steps:
    """Steps by chance."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._playbacks = 0
        self._kinds: list[Callable[[], Step]] = [
            getattr(self, name) for name in sorted(vars(Steps)) if name.startswith("k_") for _ in range(OFTEN.get(name, 1))
        ]

    def any(self) -> Step:
        return self._one(self._kinds)()

    # ------------------------------------------------------------------ what is drawn
    def _one(self, choices: Any) -> Any:
        return self._chance.choice(choices)

    def _often(self, share: float) -> bool:
        return self._chance.random() < share

    def _channel(self) -> str:
        if self._often(0.85):
            return str(self._one(("c1*", "c1*", "c1*", "c2*", "c2*")))
        return str(self._one(("c3*", "c3*", "c1-far*", "c2-far*", "s1*", "m1*", "nosuch")))

    def _bridge(self) -> str:
        return "b1*" if self._often(0.9) else "b2*"

    def _playback(self) -> str:
        return f"p{self._chance.randint(1, max(1, self._playbacks))}*"

    def _recording(self) -> str:
        return "r1*" if self._often(0.8) else str(self._one(("r2*", "r3*")))

    def _new_playback(self) -> str:
        self._playbacks += 1
        return f"p{self._playbacks}*"

    def _ids(self, name: str) -> Params:
        return {"channelId": f"{name}*", "otherChannelId": f"{name}-far*"}

    # ------------------------------------------------------------------ channels
    def originate(self, name: str, far: str, **more: str) -> Step:
        return Step("POST", "/channels", {"endpoint": f"Local/{far}@plain", "app": "app*", **self._ids(name), **more})

    def k_originate(self) -> Step:
        params: Params = {"endpoint": f"Local/{self._one(FARS)}@plain", **self._ids(self._one(("c1", "c2", "c3")))}
        if self._often(0.8):
            params["app"] = self._one(APPS)
            if self._often(0.4):
                params["appArgs"] = self._one(ARGUMENTS)
        else:
            params |= self._one(({"extension": "wait", "context": "plain", "priority": "1"}, {"extension": "talk", "context": "plain"},
                                 {"context": "ctx"}, {"extension": "echo", "context": "nosuch"}, {}, {"priority": "1"}))  # fmt: skip
        if self._often(0.4):
            params["callerId"] = self._one(CALLERS)
        if self._often(0.2):
            params["timeout"] = self._one(("1", "30", "-1", "0"))
        if self._often(0.1):
            params["formats"] = self._one(("ulaw", "slin16,ulaw", "nosuch"))
        if self._often(0.1):
            params["originator"] = self._channel()
        json = (
            {"variables": {self._one(NAMES) or "X": self._one(VALUES) for _ in range(self._chance.randint(1, 2))}}
            if self._often(0.3)
            else None
        )
        return Step("POST", "/channels", params, json)

    def k_originate_odd(self) -> Step:
        params = {"endpoint": self._one(ENDPOINTS), "app": "app*", "channelId": "c3*"}
        if self._often(0.4):
            params = {"endpoint": "Local/wait@plain", "app": "app*", "channelId": self._one(ODD_IDS)}
        elif self._often(0.4):
            params = {
                "endpoint": "Local/wait@plain",
                "app": "app*",
                "channelId": "c3*",
                "otherChannelId": self._one(("c1*", "c3*", "c2-far*")),
            }
        return Step("POST", "/channels", params, form=self._often(0.3))

    def k_originate_by_id(self) -> Step:
        return Step(
            "POST", f"/channels/{self._one(('c2*', 'c3*'))}", {"endpoint": f"Local/{self._one(FARS)}@plain", "app": "app*"}
        )

    def k_create(self) -> Step:
        params = {"endpoint": f"Local/{self._one(FARS)}@plain", "app": "app*", **self._ids(self._one(("c1", "c2", "c3")))}
        if self._often(0.3):
            params["appArgs"] = self._one(ARGUMENTS)
        if self._often(0.15):
            params["endpoint"] = self._one(ENDPOINTS)
        json = {"variables": {self._one(NAMES) or "X": self._one(VALUES)}} if self._often(0.3) else None
        return Step("POST", "/channels/create", params, json)

    def k_dial(self) -> Step:
        params = self._one(
            ({}, {}, {"timeout": "1"}, {"timeout": "-1"}, {"caller": "c1*"}, {"caller": "nosuch"}, {"timeout": "x"})
        )
        return Step("POST", f"/channels/{self._channel()}/dial", params)

    def k_hang_up(self) -> Step:
        return Step("DELETE", f"/channels/{self._channel()}", dict(self._one(REASONS)))

    def k_switch(self) -> Step:
        what = self._one(("hold", "moh", "silence", "ring", "answer", "progress"))
        method = "POST" if what in ("answer", "progress") else self._one(("POST", "POST", "DELETE"))
        params = {"mohClass": self._one(("default", "nosuch"))} if what == "moh" and self._often(0.3) else None
        return Step(method, f"/channels/{self._channel()}/{what}", params)

    def k_answer(self) -> Step:
        return Step("POST", f"/channels/{self._channel()}/answer")

    def k_mute(self) -> Step:
        return Step(self._one(("POST", "DELETE")), f"/channels/{self._channel()}/mute", {"direction": self._one(DIRECTIONS)})

    def k_dtmf(self) -> Step:
        params = {"dtmf": self._one(("1", "12#", "", "x", "1234567890"))}
        if self._often(0.2):
            params |= self._one(({"before": "500"}, {"duration": "50"}, {"between": "20"}, {"after": "700"}, {"duration": "x"}))
        return Step("POST", f"/channels/{self._channel()}/dtmf", params)

    def k_continue(self) -> Step:
        return Step("POST", f"/channels/{self._channel()}/continue", dict(self._one(PLACES)), form=self._often(0.2))

    def k_move(self) -> Step:
        params = {"app": self._one((*APPS, "nosuch", ""))}
        if self._often(0.5):
            params["appArgs"] = self._one(ARGUMENTS)
        return Step("POST", f"/channels/{self._channel()}/move", params)

    def k_redirect(self) -> Step:
        return Step(
            "POST", f"/channels/{self._channel()}/redirect", {"endpoint": self._one(("Local/wait@plain", "PJSIP/uas", "x", ""))}
        )

    def k_set_variable(self) -> Step:
        params = {"variable": self._one(NAMES), "value": self._one(VALUES)}
        if self._often(0.15) and "(" not in params["variable"]:  # a function without a value crashes real servers
            del params["value"]
        return Step("POST", f"/channels/{self._channel()}/variable", params, form=self._often(0.2))

    def k_read_variable(self) -> Step:
        return Step("GET", f"/channels/{self._channel()}/variable", {"variable": self._one(READ)})

    def k_global_variable(self) -> Step:
        if self._often(0.5):
            return Step("GET", "/asterisk/variable", {"variable": self._one((*READ, "WALK*"))})
        return Step("POST", "/asterisk/variable", {"variable": self._one(("WALK*", "")), "value": self._one(VALUES)})

    def k_snoop(self) -> Step:
        params = {"app": "app*", "spy": self._one(DIRECTIONS), "whisper": self._one(DIRECTIONS)}
        if self._often(0.2):
            params["appArgs"] = self._one(ARGUMENTS)
        return Step("POST", f"/channels/{self._one(('c1*', 'c2*', 's1*'))}/snoop/s1*", params)

    def k_external_media(self) -> Step:
        params = {"app": "app*", "external_host": "127.0.0.1:24990", "format": "ulaw", "channelId": "m1*"}
        change = self._one((0, 0, 0, 1, 2, 3, 4, 5, 6))
        odd: Params = [{}, {"external_host": "127.0.0.1:abc"}, {"format": "nosuch"}, {"transport": "tcp"}, {"encapsulation": "x"},
                       {"direction": "sideways"}, {"external_host": "127.0.0.1"}][change]  # fmt: skip
        return Step("POST", "/channels/externalMedia", params | odd)

    def k_read_channel(self) -> Step:
        return Step("GET", f"/channels/{self._channel()}{self._one(('', '', '/rtp_statistics'))}")

    # ------------------------------------------------------------------ playing and recording
    def k_play(self) -> Step:
        params = {"media": self._one(MEDIA), "playbackId": self._new_playback()}
        if self._often(0.2):
            params |= self._one(({"lang": "de"}, {"offsetms": "500"}, {"skipms": "100"}, {"offsetms": "-1"}, {"offsetms": "x"}))
        where = f"/channels/{self._channel()}" if self._often(0.6) else f"/bridges/{self._bridge()}"
        return Step("POST", f"{where}/play", params)

    def k_play_long(self) -> Step:
        where = f"/channels/{self._channel()}" if self._often(0.6) else f"/bridges/{self._bridge()}"
        return Step("POST", f"{where}/play", {"media": "sound:tt-monkeys", "playbackId": self._new_playback()})

    def k_control(self) -> Step:
        operation = self._one(("pause", "pause", "unpause", "unpause", "restart", "reverse", "forward", "nosuch", ""))
        return Step("POST", f"/playbacks/{self._playback()}/control", {"operation": operation})

    def k_stop(self) -> Step:
        return Step(self._one(("DELETE", "DELETE", "GET")), f"/playbacks/{self._playback()}")

    def k_record(self) -> Step:
        where = f"/channels/{self._channel()}" if self._often(0.6) else f"/bridges/{self._bridge()}"
        params = {"name": self._recording(), "format": self._one(FORMATS)}
        if self._often(0.6):
            params["ifExists"] = self._one(("overwrite", "append", "fail", "nosuch"))
        if self._often(0.3):
            params |= self._one(({"maxDurationSeconds": "1"}, {"maxSilenceSeconds": "1"}, {"beep": "true"}, {"terminateOn": "any"},
                                 {"terminateOn": "x"}, {"maxDurationSeconds": "-1"}, {"name": ""}, {"name": "../r"}))  # fmt: skip
        return Step("POST", f"{where}/record", params)

    def k_control_recording(self) -> Step:
        what = self._one(("/pause", "/mute", "/stop", ""))
        method = "POST" if what == "/stop" else self._one(("POST", "DELETE")) if what else self._one(("GET", "DELETE"))
        return Step(method, f"/recordings/live/{self._recording()}{what}")

    def k_stored_recording(self) -> Step:
        if self._often(0.3):
            return Step(
                "POST",
                f"/recordings/stored/{self._recording()}/copy",
                {"destinationRecordingName": self._one(("r3*", "r4*", "r1*"))},
            )
        return Step(self._one(("GET", "GET", "DELETE")), f"/recordings/stored/{self._recording()}")

    # ------------------------------------------------------------------ bridges
    def k_create_bridge(self) -> Step:
        kind = self._one(("mixing", "mixing", "holding", "mixing,dtmf_events", "dtmf_events", "mixing,proxy_media", "nosuch", ""))
        params = {"type": kind, "bridgeId": self._bridge()}
        if self._often(0.3):
            params["name"] = self._one(("first", ""))
        return Step("POST", "/bridges", params)

    def k_create_bridge_by_id(self) -> Step:
        return Step(
            "POST",
            f"/bridges/{self._bridge()}",
            {"type": self._one(("mixing", "holding")), "name": self._one(("first", "second"))},
        )

    def k_destroy_bridge(self) -> Step:
        return Step(self._one(("DELETE", "GET")), f"/bridges/{self._bridge()}")

    def k_add(self) -> Step:
        params = {"channel": self._channel() if self._often(0.8) else self._one(("c1*,c2*", "c1*,nosuch", "", "c2*,c1*"))}
        if self._often(0.2):
            params |= self._one(({"role": "announcer"}, {"role": "participant"}, {"mute": "true"}, {"absorbDTMF": "true"},
                                 {"inhibitConnectedLineUpdates": "true"}))  # fmt: skip
        return Step("POST", f"/bridges/{self._bridge()}/addChannel", params)

    def k_remove(self) -> Step:
        return Step("POST", f"/bridges/{self._bridge()}/removeChannel", {"channel": self._channel()})

    def k_bridge_music(self) -> Step:
        return Step(self._one(("POST", "POST", "DELETE")), f"/bridges/{self._bridge()}/moh")

    def k_video_source(self) -> Step:
        return (
            Step("POST", f"/bridges/{self._bridge()}/videoSource/{self._channel()}")
            if self._often(0.7)
            else Step("DELETE", f"/bridges/{self._bridge()}/videoSource")
        )

    # ------------------------------------------------------------------ the rest
    def k_subscription(self) -> Step:
        app = self._one(("app*", "app*", "other*", "nosuch"))
        return Step(
            self._one(("POST", "POST", "DELETE")), f"/applications/{app}/subscription", {"eventSource": self._one(SOURCES)}
        )

    def k_filter(self) -> Step:
        if self._often(0.5):
            return Step("GET", f"/applications/{self._one(APPS)}")
        return Step("PUT", f"/applications/{self._one(APPS)}/eventFilter", None, self._one(FILTERS))

    def k_user_event(self) -> Step:
        source = self._one(("", "channel:c1*", "bridge:b1*", "endpoint:PJSIP/uas", "nosuch:x", "channel:nosuch"))
        params = {"application": self._one((*APPS, "nosuch")), **({"source": source} if source else {})}
        json = self._one((None, {"variables": {"key": "value"}}, {"key": 1}, {"variables": [1]}))
        return Step("POST", "/events/user/Happened", params, json)

    def k_device_state(self) -> Step:
        device = self._one(("Stasis:d*", "Stasis:d*", "PJSIP/uas", "nosuch"))
        if self._often(0.6):
            return Step(
                "PUT", f"/deviceStates/{device}", {"deviceState": self._one(("INUSE", "NOT_INUSE", "BUSY", "nosuch", ""))}
            )
        return Step(self._one(("GET", "DELETE")), f"/deviceStates/{device}")

    def k_message(self) -> Step:
        where = self._one(("/endpoints/sendMessage", "/endpoints/PJSIP/uas/sendMessage", "/endpoints/nosuch/x/sendMessage"))
        params = {"from": "pjsip:alice", "body": "hello", "to": self._one(("pjsip:nosuch", "nosuch:x", ""))}
        return Step("PUT", where, params)

    def k_endpoint(self) -> Step:
        return Step(
            "GET", self._one(("/endpoints/PJSIP/uas", "/endpoints/PJSIP/nosuch", "/endpoints/nosuch", "/endpoints/Local"))
        )


def walk(seed: int, length: int = 18) -> Walk:
    """Two calls and a bridge, and what happens to them."""
    chance = random.Random(seed)
    steps = Steps(chance)
    first = [
        steps.originate("c1", chance.choice(FARS)),
        steps.originate("c2", chance.choice(("wait", "wait", "talk"))),
        Step("POST", "/bridges", {"type": chance.choice(("mixing", "mixing", "holding")), "bridgeId": "b1*"}),
    ]
    rest = [steps.any() for _ in range(length)]
    return Walk(seed, (*first, *rest), chance.random() < 0.3, chance.random() < 0.5)
