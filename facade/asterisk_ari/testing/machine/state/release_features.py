"""In which release of each branch Asterisk began to behave in a certain way."""

import re
from functools import lru_cache

from ari_rest._meta import RELEASES
from asterisk_ari._core.requests.release import Release

OLDEST_BRANCH = 13
_ALL_FROM_16 = {str(branch): f"{branch}.0.0" for branch in range(16, 24)}
_ALL_FROM_18 = {str(branch): f"{branch}.0.0" for branch in range(18, 24)}
_ALL_FROM_20_14 = {"20": "20.14.0", "21": "21.9.0", "22": "22.4.0", "23": "23.0.0"}

FEATURES: dict[str, dict[str, str]] = {
    "protocol_id": {
        "16": "16.27.0",
        "18": "18.13.0",
        "19": "19.5.0",
        **{str(branch): f"{branch}.0.0" for branch in range(20, 24)},
    },
    "stasis_contexts": {**_ALL_FROM_16, "16": "16.2.0"},
    "rest_over_websocket": _ALL_FROM_20_14,
    "unregistering_ends_all": _ALL_FROM_20_14,
    "device_state_of_all_calls": _ALL_FROM_20_14,
    "mixers_have_formats": {"20": "20.17.0", "22": "22.7.0", "23": "23.1.0"},
    "all_devices_can_be_left": _ALL_FROM_20_14,
    "application_registered": {"20": "20.15.0", "21": "21.10.0", "22": "22.5.0", "23": "23.0.0"},
    "transfers_by_app": {"20": "20.13.0", "21": "21.8.0", "22": "22.3.0", "23": "23.0.0"},
    "variables_in_bulk": {"20": "20.20.0", "22": "22.10.0", "23": "23.4.0"},
    "tech_cause": {"20": "20.17.0", "22": "22.7.0", "23": "23.1.0"},
    "bye_tells_its_reason": {"20": "20.17.0", "22": "22.7.0", "23": "23.1.0"},
    "audio_statistics": _ALL_FROM_18,
    "audio_statistics_have_quality": {"18": "18.20.0", "20": "20.5.0", "21": "21.0.0", "22": "22.0.0", "23": "23.0.0"},
    "audio_statistics_before_hangup": {"20": "20.19.0", "22": "22.9.0", "23": "23.3.0"},
    "local_status": _ALL_FROM_18,
    "protocol_id_stays": _ALL_FROM_18,
    "bridge_exists_is_409": _ALL_FROM_18,
    "hangup_reason_code": {"16": "16.99.0", **_ALL_FROM_18},
    "no_answer_is_19": {"21": "21.11.0", "20": "20.16.0", "22": "22.0.0", "23": "23.0.0"},
    "media_transports": {"20": "20.16.0", "21": "21.11.0", "22": "22.6.0", "23": "23.0.0"},
    "media_marks": {"20": "20.18.0", "22": "22.8.0", "23": "23.2.0"},
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
    "busy_ends_playing": _ALL_FROM_18,
    "hangup_is_success": _ALL_FROM_18,
    "events_show_last_snapshot": _ALL_FROM_18,
    "dissolved_bridges_are_gone": _ALL_FROM_18,
    "checks_id_of_second_half": _ALL_FROM_18,
    "looks_at_beginnings_of_ids": {"20": "20.15.0", "21": "21.10.0", "22": "22.5.0", "23": "23.0.0"},
    "trims": {str(branch): f"{branch}.0.0" for branch in range(20, 24)},
    "reads_volume": _ALL_FROM_18,
    "body_of_40_kilobytes": {"14": "14.0.0", "15": "15.0.0", **_ALL_FROM_16},
}


def release_of(version: str) -> Release:
    """The release that a build behaves as: certified and rc builds as theirs, those of GIT as the newest of their branch.

    Raises:
        ValueError: it is none of these, or older than the embedded Asterisk can be.
    """
    release = None
    if numbers := re.search(r"(\d+)\.(\d+)(?:\.(\d+))?", version):
        release = Release(*(int(number or 0) for number in numbers.groups()))
    elif git := re.match(r"GIT-(?:(\d+)|master)\b", version):
        known = [release for text in RELEASES if (release := Release.of(text)) and git[1] in (None, str(release.branch))]
        release = max(known, key=lambda one: (one.branch, one.minor, one.patch), default=None)
    if release is None or release.branch < OLDEST_BRANCH:
        examples = f"a release such as '20.15.2', {OLDEST_BRANCH} or later, nor a build such as 'GIT-master-abc'"
        raise ValueError(f"{version!r} is not {examples}")
    return release


@lru_cache(maxsize=256)
def has_feature(release: Release, feature: str) -> bool:
    """Whether a release has that behaviour."""
    return release.has(FEATURES[feature])
