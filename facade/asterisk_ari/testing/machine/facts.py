"""Since when Asterisk behaves so, release line by release line."""

from functools import lru_cache

from asterisk_ari._core.release import Release

_ALL_FROM_16 = {str(line): f"{line}.0.0" for line in range(16, 24)}
_ALL_FROM_18 = {str(line): f"{line}.0.0" for line in range(18, 24)}
_ALL_FROM_20_14 = {"20": "20.14.0", "21": "21.9.0", "22": "22.4.0", "23": "23.0.0"}

FEATURES: dict[str, dict[str, str]] = {
    "protocol_id": {"16": "16.27.0", "18": "18.13.0", "19": "19.5.0", **{str(line): f"{line}.0.0" for line in range(20, 24)}},
    "stasis_contexts": {**_ALL_FROM_16, "16": "16.2.0"},
    "rest_over_websocket": _ALL_FROM_20_14,
    "unregistering_ends_all": _ALL_FROM_20_14,
    "device_state_of_all_calls": _ALL_FROM_20_14,
    "mixers_have_formats": {"20": "20.17.0", "22": "22.7.0", "23": "23.1.0"},
    "all_devices_can_be_left": _ALL_FROM_20_14,
    "application_registered": {"20": "20.15.0", "21": "21.10.0", "22": "22.5.0", "23": "23.0.0"},
    "variables_in_bulk": {"20": "20.20.0", "22": "22.10.0", "23": "23.4.0"},
    "tech_cause": {"20": "20.17.0", "22": "22.7.0", "23": "23.1.0"},
    "bridge_exists_is_409": _ALL_FROM_18,
    "hangup_reason_code": {"16": "16.99.0", **_ALL_FROM_18},
    "no_answer_is_19": {"21": "21.11.0", "20": "20.16.0", "22": "22.0.0", "23": "23.0.0"},
    "media_transports": {"20": "20.16.0", "21": "21.11.0", "22": "22.6.0", "23": "23.0.0"},
    "hangup_extension_first": _ALL_FROM_18,
    "stasis_end_at_old_place": _ALL_FROM_18,
    "silent_device_deletion": {"21": "21.0.0", "22": "22.0.0", "23": "23.0.0"},
    "dial_timeout_is_19": _ALL_FROM_18,
    "media_checks_format_late": _ALL_FROM_18,
    "media_is_dialled_with_codec": _ALL_FROM_18,
    "media_over_audiosocket": _ALL_FROM_18,
    "media_with_an_id_twice_is_500": _ALL_FROM_18,
    "external_media_has_statistics": _ALL_FROM_18,
    "handshake_names_missing_param": _ALL_FROM_18,
    "shows_reported_variables": {"20": "20.20.0", "22": "22.10.0", "23": "23.4.0"},
    "unused_session_says_why": _ALL_FROM_18,
    "message_names_its_sender": _ALL_FROM_18,
    "body_of_40_kilobytes": {"14": "14.0.0", "15": "15.0.0", **_ALL_FROM_16},
}


@lru_cache(maxsize=256)
def since(release: Release, feature: str) -> bool:
    """Whether a release behaves so."""
    return release.has(FEATURES[feature])
