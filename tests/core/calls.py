"""Calls that must be refused before anything is sent, and calls that must not."""

from typing import Any

from asterisk_ari.errors import BadArgument, MissingParameter

Call = tuple[str, dict[str, Any]]

SNOOP = {"channelId": "1", "app": "a"}
ORIGINATE = {"endpoint": "PJSIP/a"}
PLAY = {"channelId": "1", "media": "sound:x"}
RECORD = {"channelId": "1", "name": "n", "format": "wav"}
FIELDS = {"configClass": "res_pjsip", "objectType": "aor", "id": "a"}
VARIABLES = {"channelId": "1"}
SUBSCRIBE = {"applicationName": "a"}

MISSING: list[tuple[str, dict[str, Any], str]] = [
    # Without these some releases crash.
    ("channels.move", {"channelId": "1"}, "app"),
    ("channels.move", {"channelId": "1", "app": ""}, "app"),
    ("bridges.record", {"bridgeId": "b", "name": "n"}, "format"),
    ("bridges.getBridgeVar", {"bridgeId": "b"}, "variable"),
    ("bridges.setBridgeVar", {"bridgeId": "b", "value": "x"}, "variable"),
    # Optional in the definitions, required in truth.
    ("channels.mute", {"channelId": "1", "direction": ""}, "direction"),
    ("channels.sendDTMF", {"channelId": "1"}, "dtmf"),
    ("channels.sendDTMF", {"channelId": "1", "dtmf": ""}, "dtmf"),
    ("channels.originate", ORIGINATE, "app or extension"),
    ("channels.originate", {**ORIGINATE, "app": ""}, "app or extension"),
    ("channels.originateWithId", {**ORIGINATE, "channelId": "1", "context": "c"}, "app or extension"),
    ("channels.snoopChannel", SNOOP, "spy or whisper"),
    ("channels.snoopChannel", {**SNOOP, "spy": "none", "whisper": "none"}, "spy or whisper"),
    ("channels.snoopChannelWithId", {**SNOOP, "snoopId": "s", "spy": ""}, "spy or whisper"),
    # Required, and said to be.
    ("channels.answer", {}, "channelId"),
    ("channels.answer", {"channelId": None}, "channelId"),
    ("channels.play", {"channelId": "1"}, "media"),
    ("channels.record", {"channelId": "1", "name": "n"}, "format"),
    ("channels.record", {"channelId": "1", "format": "wav"}, "name"),
    ("channels.create", {"endpoint": "PJSIP/a"}, "app"),
    ("playbacks.control", {"playbackId": "p", "operation": ""}, "operation"),
    ("deviceStates.update", {"deviceName": "Stasis:x"}, "deviceState"),
    ("mailboxes.update", {"mailboxName": "m", "oldMessages": 1}, "newMessages"),
    ("applications.subscribe", SUBSCRIBE, "eventSource"),
    ("channels.setChannelVars", VARIABLES, "variables"),
    ("events.claimChannel", {"channelId": "1"}, "application"),
]

BAD: list[tuple[str, dict[str, Any], str]] = [
    # Ids that reach another resource.
    ("channels.answer", {"channelId": ""}, "another resource"),
    ("channels.get", {"channelId": "."}, "another resource"),
    ("channels.hangup", {"channelId": ".."}, "another resource"),
    ("recordings.deleteStored", {"recordingName": ".."}, "another resource"),
    ("endpoints.get", {"tech": "PJSIP", "resource": ""}, "another resource"),
    ("asterisk.getObject", {**FIELDS, "id": "."}, "another resource"),
    ("channels.get", {"channelId": "create"}, "another operation"),
    ("channels.answer", {"channelId": "externalMedia"}, "another operation"),
    ("channels.originateWithId", {**ORIGINATE, "app": "a", "channelId": "externalMedia"}, "another operation"),
    ("channels.originate", {**ORIGINATE, "app": "a", "channelId": "create"}, "another operation"),
    ("channels.originate", {**ORIGINATE, "app": "a", "otherChannelId": "create"}, "another operation"),
    ("channels.snoopChannel", {**SNOOP, "spy": "in", "snoopId": "create"}, "another operation"),
    ("endpoints.listByTech", {"tech": "refer"}, "another operation"),
    ("endpoints.listByTech", {"tech": "sendMessage"}, "another operation"),
    # Ids that are too long, in bytes.
    ("channels.get", {"channelId": "x" * 150}, "150 bytes"),
    ("channels.get", {"channelId": "é" * 75}, "150 bytes"),
    ("channels.originate", {**ORIGINATE, "app": "a", "channelId": "x" * 150}, "149"),
    ("channels.play", {**PLAY, "playbackId": "x" * 150}, "149"),
    ("bridges.create", {"bridgeId": "x" * 150}, "149"),
    # Numbers: a negative tone length blocks the channel for good.
    ("channels.sendDTMF", {"channelId": "1", "dtmf": "1", "duration": -5}, "at least 0"),
    ("channels.sendDTMF", {"channelId": "1", "dtmf": "1", "before": -1}, "at least 0"),
    ("channels.sendDTMF", {"channelId": "1", "dtmf": "1", "between": -1}, "at least 0"),
    ("channels.sendDTMF", {"channelId": "1", "dtmf": "1", "after": -1}, "at least 0"),
    ("channels.play", {**PLAY, "offsetms": -1}, "at least 0"),
    ("channels.play", {**PLAY, "skipms": -1}, "at least 0"),
    ("channels.record", {**RECORD, "maxDurationSeconds": -1}, "at least 0"),
    ("channels.record", {**RECORD, "maxSilenceSeconds": -1}, "at least 0"),
    ("channels.dial", {"channelId": "1", "timeout": -1}, "at least 0"),
    ("channels.originate", {**ORIGINATE, "app": "a", "timeout": -2}, "at least -1"),
    ("channels.originate", {**ORIGINATE, "app": "a", "timeout": 2_147_484}, "at most 2147483"),
    ("channels.dial", {"channelId": "1", "timeout": 4_294_968}, "at most 2147483"),
    ("mailboxes.update", {"mailboxName": "m", "oldMessages": -1, "newMessages": 0}, "at least 0"),
    ("channels.record", {**RECORD, "maxDurationSeconds": 2**31}, "at most"),
    *[
        ("channels.record", {**RECORD, "maxDurationSeconds": bad}, "whole number")
        for bad in (True, 1.5, "1.5", "ten", "", "--5", "-", "٣", "9" * 5000, [1], b"1")
    ],
    # Booleans that are read as false.
    *[("channels.record", {**RECORD, "beep": bad}, "True or False") for bad in ("true", "yes", 1, 0, "")],
    # Text.
    *[("channels.redirect", {"channelId": "1", "endpoint": bad}, "must be text") for bad in (b"PJSIP/a", 1.5, True, ["a"], {})],
    ("channels.get", {"channelId": "a\x00b"}, "null"),
    ("channels.get", {"channelId": "\ud800"}, "UTF-8"),
    ("channels.setChannelVar", {"channelId": "1", "variable": "A", "value": "\udfff"}, "UTF-8"),
    # Lists: a JSON number as source crashes servers.
    ("applications.subscribe", {**SUBSCRIBE, "eventSource": 5}, "starts with none"),
    ("applications.subscribe", {**SUBSCRIBE, "eventSource": []}, "empty"),
    ("applications.subscribe", {**SUBSCRIBE, "eventSource": [""]}, "empty"),
    ("applications.subscribe", {**SUBSCRIBE, "eventSource": [True]}, "must be text"),
    ("applications.subscribe", {**SUBSCRIBE, "eventSource": {"a": 1}}, "must be text or a list"),
    ("applications.subscribe", {**SUBSCRIBE, "eventSource": ["channel:1", "nonsense:2"]}, "starts with none"),
    ("applications.unsubscribe", {**SUBSCRIBE, "eventSource": "Channel:1"}, "starts with none"),
    ("bridges.addChannel", {"bridgeId": "b", "channel": [str(n) for n in range(129)]}, "128"),
    ("channels.play", {**PLAY, "media": ["sound:x", ""]}, "empty"),
    # Media that Asterisk accepts and never plays.
    ("channels.play", {**PLAY, "media": "hello-world"}, "write 'sound:hello-world'"),
    ("channels.playWithId", {**PLAY, "playbackId": "p", "media": ["sound:a", "hello"]}, "write 'sound:hello'"),
    ("bridges.play", {"bridgeId": "b", "media": ("hello",)}, "write 'sound:hello'"),
    ("bridges.playWithId", {"bridgeId": "b", "playbackId": "p", "media": "hello"}, "write 'sound:hello'"),
    ("channels.play", {**PLAY, "media": "https://host/a.wav"}, "write 'sound:https://host/a.wav'"),
    ("channels.play", {**PLAY, "media": "moh:default"}, "starts with none of sound:, recording:"),
    ("channels.play", {**PLAY, "media": "Sound:hello"}, "'sound:' in lower case"),
    ("channels.play", {**PLAY, "media": "recording:"}, "names nothing to play"),
    # What excludes each other.
    ("channels.originate", {**ORIGINATE, "app": "a", "extension": "s"}, "exclude"),
    ("channels.originate", {**ORIGINATE, "app": "a", "originator": "1", "formats": "ulaw"}, "exclude"),
    ("channels.create", {**ORIGINATE, "app": "a", "originator": "1", "formats": "ulaw"}, "exclude"),
    ("channels.hangup", {"channelId": "1", "reason": "busy", "reason_code": "17"}, "exclude"),
    # Bridge types.
    ("bridges.create", {"type": "mixing,nonsense"}, "not one of"),
    ("bridges.create", {"type": "mixing,holding"}, "at once"),
    ("bridges.createWithId", {"bridgeId": "b", "type": "holding, mixing"}, "at once"),
    ("bridges.create", {"type": "dtmf_events"}, "goes with mixing"),
    # Devices that are Asterisk's own.
    ("deviceStates.update", {"deviceName": "PJSIP/a", "deviceState": "BUSY"}, "Stasis:"),
    ("deviceStates.delete", {"deviceName": "Custom:a"}, "Stasis:"),
    # Bodies.
    *[("channels.setChannelVars", {**VARIABLES, "variables": bad}, "dict") for bad in ("A=1", ["A"], 5)],
    *[("channels.setChannelVars", {**VARIABLES, "variables": {"A": bad}}, "must be text") for bad in (True, ["x"], b"x")],
    *[("channels.setChannelVars", {**VARIABLES, "variables": {bad: "x"}}, "names are text") for bad in ("", 5)],
    *[
        ("channels.setChannelVars", {**VARIABLES, "variables": {"A": bad}}, "'value'")
        for bad in ({}, {"value": 5}, {"value": "x", "report_events": "yes"})
    ],
    ("channels.setChannelVars", {**VARIABLES, "variables": {"A": "\ud800"}}, "JSON"),
    ("channels.setChannelVars", {**VARIABLES, "variables": {"A": "x" * 41_000}}, "40960 bytes"),
    ("channels.setChannelVars", {**VARIABLES, "variables": {"A": "é" * 20_500}}, "40960 bytes"),
    ("events.userEvent", {"eventName": "e", "application": "a", "variables": ["x"]}, "dict"),
    ("events.userEvent", {"eventName": "e", "application": "a", "variables": {"x": object()}}, "JSON"),
    ("events.userEvent", {"eventName": "e", "application": "a", "variables": {"x": float("nan")}}, "JSON"),
    ("applications.filter", {**SUBSCRIBE, "filter": [1]}, "dict"),
    *[
        ("asterisk.updateObject", {**FIELDS, "fields": bad}, "list")
        for bad in ("x", 5, ["x"], [{"attribute": "a"}], {"allow": None}, {"allow": ["ulaw"]}, {1: "a"})
    ],
    ("channels.play", {"channelId": "1", "media": "sound:" + "x" * 41_000}, "40960 bytes"),
]

REFUSED: list[tuple[str, dict[str, Any], str, type[BadArgument]]] = [
    *[(*call, MissingParameter) for call in MISSING],
    *[(*call, BadArgument) for call in BAD],
]

ACCEPTED: list[Call] = [
    ("channels.get", {"channelId": "x" * 149}),
    ("channels.get", {"channelId": "..."}),
    ("channels.get", {"channelId": "creates"}),
    ("channels.get", {"channelId": 1735689600}),
    ("bridges.get", {"bridgeId": "create"}),
    ("channels.get", {"channelId": "a/../b"}),
    ("recordings.getStored", {"recordingName": "folder/" + "x" * 200}),
    ("channels.originate", {**ORIGINATE, "app": "a", "timeout": -1}),
    ("channels.originate", {**ORIGINATE, "app": "a", "timeout": 2_147_483}),
    ("channels.originate", {**ORIGINATE, "app": "", "extension": "s"}),
    ("channels.originate", {**ORIGINATE, "extension": "s", "app": None}),
    ("channels.originate", {**ORIGINATE, "app": "a", "variables": {"A": "", "B": 5, "C": 1.5, "D": {"value": "x"}}}),
    ("channels.originate", {**ORIGINATE, "app": "a", "variables": {"A": {"value": "x", "report_events": True}}}),
    ("channels.sendDTMF", {"channelId": "1", "dtmf": "1", "duration": 0, "before": "0", "between": " 7 "}),
    ("channels.record", {**RECORD, "maxDurationSeconds": 2**31 - 1, "beep": False}),
    ("channels.snoopChannel", {**SNOOP, "spy": "none", "whisper": "both"}),
    ("channels.hangup", {"channelId": "1", "reason_code": 17}),
    ("channels.hangup", {"channelId": "1", "reason": "", "reason_code": "17"}),
    ("channels.setChannelVar", {"channelId": "1", "variable": "A", "value": ""}),
    ("channels.setChannelVar", {"channelId": "1", "variable": "A"}),
    ("channels.setChannelVars", {**VARIABLES, "variables": {"A": "é" * 20_000}}),
    ("channels.setChannelVars", {**VARIABLES, "variables": {}}),
    ("bridges.create", {}),
    ("bridges.create", {"type": ""}),
    ("bridges.create", {"type": " mixing , dtmf_events,proxy_media"}),
    ("bridges.create", {"type": "holding"}),
    ("bridges.addChannel", {"bridgeId": "b", "channel": [str(n) for n in range(128)]}),
    ("bridges.addChannel", {"bridgeId": "b", "channel": ("1", 2)}),
    *[
        ("channels.play", {**PLAY, "media": media})
        for media in (
            "sound:hello-world",
            "sound:https://host/a.wav",
            "sound:/var/lib/asterisk/sounds/en/hello",
            ["recording:calls/7", "number:42", "digits:42", "characters:a:b", "tone:ring;tonezone=de"],
            ["tone:400/250,0/250"],
            "sound:a,number:1",
        )
    ],
    ("deviceStates.update", {"deviceName": "stasis:x", "deviceState": "BUSY"}),
    ("deviceStates.get", {"deviceName": "PJSIP/alice"}),
    *[
        ("applications.subscribe", {**SUBSCRIBE, "eventSource": source})
        for source in (
            "channel:",
            "bridge:",
            "endpoint:PJSIP",
            "endpoint:PJSIP/a",
            "deviceState:Stasis:x",
            ["channel:1", "bridge:2"],
        )
    ],
    ("applications.filter", {**SUBSCRIBE, "filter": {}}),
    ("applications.filter", SUBSCRIBE),
    ("asterisk.updateObject", {**FIELDS, "fields": {"max_contacts": 2}}),
    ("asterisk.updateObject", {**FIELDS, "fields": []}),
    ("events.userEvent", {"eventName": "e", "application": "a", "variables": {"any": [1, None, {"deep": True}]}}),
    ("endpoints.sendMessage", {"to": "pjsip:a", "from": "b", "body": "", "variables": {"X": 1}}),
]
