"""Building blocks common to both variants: checking arguments, and menus. Pure."""

from asterisk_ari._core.calls.dial_plan import read_targets
from asterisk_ari._core.calls.prompts import Playable, media_in, prompts_in
from asterisk_ari._core.calls.questions import Choices, check_count, check_keys, check_seconds, menu_question
from asterisk_ari._core.calls.talk import Ended
from asterisk_ari._core.process_bound import ProcessBound
from asterisk_ari._spelling import methods_tell_spellings

__all__ = (
    "Choices",
    "Ended",
    "Playable",
    "ProcessBound",
    "check_count",
    "check_keys",
    "check_seconds",
    "media_in",
    "menu_question",
    "methods_tell_spellings",
    "prompts_in",
    "read_targets",
)
