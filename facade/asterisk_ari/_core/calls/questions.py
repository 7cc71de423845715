"""Asking a caller for digits: what counts as an answer, and what is played before the next try. Pure."""

import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from asterisk_ari._core.calls.digits import Digits
from asterisk_ari._core.calls.prompts import Playable, prompts_in
from asterisk_ari.errors import BadArgument

KEYS = frozenset("0123456789*#ABCD")

AnswerReason = Literal["terminator", "max_digits", "next_timeout", "no_input", "invalid"]


@dataclass(frozen=True)
class Answer:
    """A caller's answer to a question. `str()` returns the digits; the object is true if the answer is valid.

    Attributes:
        digits: the digits entered at the last try, without the terminator.
        reason: how the entry ended, "terminator", "max_digits" or "next_timeout"; or why there is no answer, "no_input"
            (nothing was entered) or "invalid".
        tries: how often the question was asked.
    """

    digits: str
    reason: AnswerReason
    tries: int

    __match_args__ = ("digits",)

    def __bool__(self) -> bool:
        return self.reason not in ("no_input", "invalid")

    def __str__(self) -> str:
        return self.digits


@dataclass(frozen=True)
class Question:
    """How a question is asked: its limits and its prompts.

    Raises:
        BadArgument: the limits rule out any answer.
    """

    media: tuple[Playable, ...]
    max_digits: int | None
    terminator: str
    first_seconds: float
    next_seconds: float
    tries: int
    barge_in: bool
    type_ahead: bool
    invalid: tuple[Playable, ...]
    no_input: tuple[Playable, ...]

    def __post_init__(self) -> None:
        if self.max_digits is not None:
            check_count("max_digits", self.max_digits)
        check_count("tries", self.tries)
        check_seconds("first_seconds", self.first_seconds)
        check_seconds("next_seconds", self.next_seconds)
        check_keys("terminator", self.terminator)

    def before(self, former: Digits | None) -> tuple[Playable, ...]:
        """What is played before a try, depending on what was entered at the previous one."""
        if former is None:
            return self.media
        return (*(self.invalid if has_input(former) else self.no_input), *self.media)


def has_input(digits: Digits) -> bool:
    """Whether anything was entered; the terminator alone is an (empty) answer."""
    return digits.reason != "first_timeout"


def answer_of(digits: Digits, tries: int, *, is_valid: bool) -> Answer:
    """Return the answer of a try."""
    if digits.reason == "first_timeout":
        return Answer("", "no_input", tries)
    if not is_valid or digits.reason == "gone":
        return Answer(digits.digits, "invalid", tries)
    return Answer(digits.digits, digits.reason, tries)


def check_valid(valid: Any) -> "re.Pattern[str] | Callable[[str], Any] | None":
    """Read the argument `valid`: a regular expression that the whole entry must match, or a predicate.

    Raises:
        BadArgument: it is neither, or not a valid regular expression.
    """
    if valid is None or isinstance(valid, re.Pattern):
        return valid
    if callable(valid):
        function: Callable[[str], Any] = valid
        return function
    if isinstance(valid, str):
        try:
            return re.compile(valid)
        except re.error as error:
            raise BadArgument(f"valid is not a regular expression: {error}", parameter="valid") from None
    raise BadArgument(f"valid must be a regular expression or a function of the digits, not {valid!r}", parameter="valid")


class Choices:
    """The choices of a menu, possibly of different lengths: whether an entry is complete, and whether it is one of them.

    Args:
        choices: maps each entry to its choice.
        terminator: keys that end an entry and occur in none.

    Raises:
        BadArgument: there is no choice, or one that cannot be entered.

    Example:
        >>> Choices({"1": "sales", "12": "support"}).is_complete("1")
        False
    """

    def __init__(self, choices: Mapping[str, Any], terminator: str = "") -> None:
        if not isinstance(choices, Mapping) or not choices:
            raise BadArgument("a menu needs choices: a mapping from digits to values", parameter="choices")
        for keys, choice in choices.items():
            check_keys("choices", keys, is_needed=True)
            if inspect.iscoroutine(choice):
                choice.close()
                raise BadArgument(f"choice {keys!r} is called when it is chosen: give the function itself", parameter="choices")
            if any(key in terminator for key in keys):
                raise BadArgument(f"{keys!r} cannot be chosen: {terminator!r} ends the entry", parameter="choices")
        self.max_digits: int = max(map(len, choices))
        self._choices = choices

    def is_complete(self, digits: str) -> bool:
        """Whether further digits would make no difference.

        Args:
            digits: the digits entered so far.

        Example:
            >>> Choices({"1": "sales", "2": "support"}).is_complete("1")
            True
        """
        return not any(len(keys) > len(digits) and keys.startswith(digits) for keys in self._choices)

    def __contains__(self, digits: object) -> bool:
        return digits in self._choices


def menu_question(media: Any, choices: Choices, options: Mapping[str, Any]) -> Question:
    """Return the question of a menu.

    Args:
        media: the prompts.
        choices: the possible entries.
        options: arguments of `Call.menu`, by name.

    Raises:
        BadArgument: the limits or media are invalid.

    Example:
        >>> menu_question("sound:main-menu", Choices({"1": "sales"}), {"tries": 2}).tries
        2
    """
    return Question(
        prompts_in(media), choices.max_digits, "", options.get("first_seconds", 5.0), options.get("next_seconds", 2.0),
        options.get("tries", 3), options.get("barge_in", True), options.get("type_ahead", True),
        prompts_in(options.get("invalid"), "invalid", is_needed=False),
        prompts_in(options.get("no_input"), "no_input", is_needed=False),
    )  # fmt: skip


def check_seconds(name: str, seconds: Any) -> None:
    """Check a number of seconds.

    Args:
        name: name of the parameter, for the error message.
        seconds: the given value.

    Raises:
        BadArgument: it is not a number, or is below 0.

    Example:
        >>> check_seconds("ring_seconds", 20)
    """
    if not isinstance(seconds, int | float) or isinstance(seconds, bool) or not seconds >= 0:
        raise BadArgument(f"{name} must be a number of seconds, 0 or more, not {seconds!r}", parameter=name)


def check_keys(name: str, keys: Any, *, is_needed: bool = False) -> None:
    """Check that a text consists of phone keys.

    Args:
        name: name of the parameter, for the error message.
        keys: the given value.
        is_needed: whether at least one key is required.

    Raises:
        BadArgument: it does not.

    Example:
        >>> check_keys("leave_keys", "*#")
    """
    if not isinstance(keys, str) or (is_needed and not keys) or not KEYS.issuperset(keys):
        raise BadArgument(f"{name} has {keys!r}: the keys of a phone are 0-9, *, # and A-D", parameter=name)


def check_count(name: str, count: Any) -> None:
    """Check a count.

    Args:
        name: name of the parameter, for the error message.
        count: the given value.

    Raises:
        BadArgument: it is not an integer, or is below 1.

    Example:
        >>> check_count("max_members", 20)
    """
    if not isinstance(count, int) or isinstance(count, bool) or count < 1:
        raise BadArgument(f"{name} must be a whole number, 1 or more, not {count!r}", parameter=name)
