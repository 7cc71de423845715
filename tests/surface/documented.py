"""The reference document's methods, as it writes them: parameters in their order, the calls it makes, what it gets back."""

from typing import Any

# Method → the parameters of its *Parameters* column, in order; where the column ends in "…", those of its examples.
PARAMETERS: dict[str, tuple[str, ...]] = {
    "connect": (),
    "disconnect": (),
    "answer_channel": ("channel_id",),
    "hangup_channel": ("channel_id",),
    "ring_channel": ("channel_id",),
    "stop_ringing_channel": ("channel_id",),
    "hold_channel": ("channel_id",),
    "unhold_channel": ("channel_id",),
    "mute_channel": ("direction", "channel_id"),
    "unmute_channel": ("direction", "channel_id"),
    "send_dtmf": ("dtmf", "channel_id", "duration"),
    "get_channel_info": ("channel_id",),
    "set_channel_variable": ("variable", "value", "channel_id"),
    "get_channel_variable": ("variable", "channel_id"),
    "list_channels": (),
    "play_media": ("media", "channel_id", "language"),
    "play_recording": ("recording_name", "channel_id"),
    "record_channel": ("name", "format", "max_duration_seconds", "max_silence_seconds", "channel_id"),
    "get_recording": ("recording_name",),
    "delete_recording": ("recording_name",),
    "create_bridge": ("bridge_type",),
    "destroy_bridge": ("bridge_id",),
    "add_channel_to_bridge": ("channel_id", "bridge_id"),
    "remove_channel_from_bridge": ("channel_id", "bridge_id"),
    "list_bridges": (),
    "originate_call": ("endpoint", "context", "extension", "caller_id", "variables"),
    "snoop_channel": ("channel_id", "spy", "whisper", "app", "app_args"),
    "redirect_channel": ("endpoint", "channel_id"),
    "start_silence_detection": ("channel_id",),
    "stop_silence_detection": ("channel_id",),
    "subscribe_to_events": ("event_source",),
    "unsubscribe_from_events": ("event_source",),
    "get_asterisk_info": (),
    "start_event_loop": ("on_stasis_start", "on_stasis_end"),
}

CONSTRUCTOR = ("host", "port", "username", "password", "app_name")

# Parameters beyond the documented ones, all optional.
BEYOND = {
    "start_silence_detection": ("silence_ms", "talk_threshold"),
    "start_event_loop": ("drain_seconds", "on_stop"),
    "disconnect": ("drain_seconds",),
}

# The *Returns* column. Where a call may be gone, the type comes with None.
RETURNS: dict[str, str] = {
    **dict.fromkeys(PARAMETERS, "bool"),
    **dict.fromkeys(("connect", "disconnect", "start_event_loop"), "None"),
    **dict.fromkeys(("get_channel_info", "get_recording", "get_asterisk_info"), "dict"),
    **dict.fromkeys(("list_channels", "list_bridges"), "list"),
    **dict.fromkeys(
        (
            "get_channel_variable",
            "play_media",
            "play_recording",
            "record_channel",
            "create_bridge",
            "originate_call",
            "snoop_channel",
        ),
        "str",
    ),
}

Call = tuple[str, tuple[Any, ...], dict[str, Any]]

# Every way in which the document's fragments and examples call a method.
CALLS: list[Call] = [
    ("connect", (), {}),
    ("disconnect", (), {}),
    ("get_asterisk_info", (), {}),
    ("answer_channel", ("1",), {}),
    ("hangup_channel", ("1",), {}),
    ("ring_channel", ("1",), {}),
    ("stop_ringing_channel", ("1",), {}),
    ("hold_channel", ("1",), {}),
    ("unhold_channel", ("1",), {}),
    ("mute_channel", ("both", "1"), {}),
    ("mute_channel", ("in", "1"), {}),
    ("unmute_channel", ("out", "1"), {}),
    ("send_dtmf", ("12345", "1"), {"duration": 100}),
    ("send_dtmf", ("#*", "1"), {}),
    ("set_channel_variable", ("CUSTOM_VAR", "value", "1"), {}),
    ("get_channel_variable", ("CUSTOM_VAR", "1"), {}),
    ("get_channel_info", ("1",), {}),
    ("play_media", ("sound:hello-world", "1"), {"language": "en"}),
    ("play_media", ("sound:custom/greeting", "1"), {}),
    ("play_recording", ("my_recording", "1"), {}),
    (
        "record_channel",
        (),
        {"name": "call", "format": "wav", "max_duration_seconds": 300, "max_silence_seconds": 5, "channel_id": "1"},
    ),
    ("record_channel", (), {"name": "call", "format": "wav", "max_duration_seconds": 600, "channel_id": "1"}),
    ("get_recording", ("call",), {}),
    ("delete_recording", ("call",), {}),
    ("create_bridge", ("mixing",), {}),
    ("create_bridge", ("holding",), {}),
    ("add_channel_to_bridge", ("1", "b"), {}),
    ("remove_channel_from_bridge", ("1", "b"), {}),
    ("destroy_bridge", ("b",), {}),
    ("start_silence_detection", ("1",), {}),
    ("stop_silence_detection", ("1",), {}),
    ("snoop_channel", (), {"channel_id": "1", "spy": "both", "whisper": "none", "app": "aiagc", "app_args": "monitoring"}),
    ("snoop_channel", (), {"channel_id": "1", "spy": "none", "whisper": "in"}),
    ("redirect_channel", ("PJSIP/new_endpoint", "1"), {}),
    ("subscribe_to_events", ("channel:1",), {}),
    ("unsubscribe_from_events", ("channel:1",), {}),
    ("list_channels", (), {}),
    ("list_bridges", (), {}),
    ("start_event_loop", (), {"on_stasis_start": print, "on_stasis_end": print}),
    (
        "originate_call",
        (),
        {
            "endpoint": "PJSIP/1234567890",
            "context": "outbound-calls",
            "extension": "s",
            "caller_id": "Company <+15551234567>",
            "variables": {"CAMPAIGN_TYPE": "sales", "CUSTOMER_ID": "12345"},
        },
    ),
    ("originate_call", (), {"endpoint": "PJSIP/user1", "context": "conference"}),
]
