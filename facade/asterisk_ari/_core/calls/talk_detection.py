"""The value of TALK_DETECT(set). Pure."""

from asterisk_ari.errors import BadArgument

DEFAULT_SILENCE_MS = 2500
DEFAULT_TALK_THRESHOLD = 256


def detection_value(silence_ms: int | None, talk_threshold: int | None) -> str:
    """Return a value such as `2500,256`: the milliseconds of silence that end talking, and the talk threshold.

    Raises:
        BadArgument: not a whole number, or out of range.
    """
    silence = _checked("silence_ms", DEFAULT_SILENCE_MS if silence_ms is None else silence_ms, 1, 2**31 - 1)
    threshold = _checked("talk_threshold", DEFAULT_TALK_THRESHOLD if talk_threshold is None else talk_threshold, 1, 32_767)
    return f"{silence},{threshold}"


def _checked(name: str, value: int, lowest: int, highest: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not lowest <= value <= highest:
        raise BadArgument(f"{name} must be a whole number from {lowest} to {highest}, not {value!r}", parameter=name)
    return value
