"""Voicemail messages, prompts and recording names. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from asterisk_ari.errors import BadArgument

PROMPTS: dict[str, tuple[str, ...]] = {
    "greeting": ("sound:vm-intro",),
    "pin": ("sound:vm-password",),
    "invalid_pin": ("sound:vm-incorrect",),
    "you_have": ("sound:vm-youhave",),
    "new": ("sound:vm-INBOX",),
    "and": ("sound:vm-and",),
    "old": ("sound:vm-Old",),
    "none": ("sound:vm-no",),
    "messages": ("sound:vm-messages",),
    "choices": ("sound:vm-repeat", "sound:vm-next", "sound:vm-delete"),
    "deleted": ("sound:vm-deleted",),
    "no_more": ("sound:vm-nomore",),
    "record_greeting": ("sound:vm-rec-unv",),
}
"""The default prompts of a voicemail, from Asterisk's own sounds."""

KEYS = {"4": "previous", "5": "repeat", "6": "next", "7": "delete", "*": "leave"}
"""The keys while listening, as in Asterisk's own voicemail."""

_MAILBOX = re.compile(r"[A-Za-z0-9_-]{1,64}")
_FOLDER = re.compile(r"[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*")
_MESSAGE = re.compile(r"(message|heard)-((\d{13})-[^/]+)")


@dataclass(frozen=True)
class VoiceMessage:
    """A message left by a caller.

    Attributes:
        name: name of its recording.
        mailbox: the mailbox it belongs to.
        left_at: when its recording began, in seconds since 1970 (UTC).
        is_new: whether it has not been heard yet.
    """

    name: str
    mailbox: str
    left_at: float
    is_new: bool = True


class MailboxNames:
    """Names of recordings: folder/mailbox/message-MILLISECONDS-ID, with heard-… instead once it was heard, and …/greeting.

    Args:
        folder: folder below the recordings directory.

    Raises:
        BadArgument: it is not a folder name.
    """

    def __init__(self, folder: str) -> None:
        if not isinstance(folder, str) or not _FOLDER.fullmatch(folder):
            raise BadArgument(f"folder must consist of letters, digits, - and _, not {folder!r}", parameter="folder")
        self._folder = folder

    def of(self, mailbox: str) -> str:
        """Return the folder of a mailbox.

        Raises:
            BadArgument: it is not a mailbox name; it may be untrusted, and must not lead to another path.
        """
        if not isinstance(mailbox, str) or not _MAILBOX.fullmatch(mailbox):
            raise BadArgument(f"a mailbox must consist of letters, digits, - and _, not {mailbox!r}", parameter="mailbox")
        return f"{self._folder}/{mailbox}/"

    def new(self, mailbox: str, now: float, call_id: str) -> str:
        """Return the name of a message left now; without dots, since a copy loses what follows the last dot of its name."""
        return f"{self.of(mailbox)}message-{round(now * 1000):013d}-{re.sub(r'[^A-Za-z0-9_-]', '-', call_id)}"

    def messages(self, mailbox: str, names: Iterable[str]) -> list[VoiceMessage]:
        """Return the recordings that are messages of a mailbox, oldest first. One that has both names counts as heard."""
        folder = self.of(mailbox)
        found: dict[str, VoiceMessage] = {}
        for name in sorted(names, reverse=True):  # message-… before heard-…
            if name.startswith(folder) and (match := _MESSAGE.fullmatch(name.removeprefix(folder))):
                found[match[2]] = VoiceMessage(name, mailbox, int(match[3]) / 1000, match[1] == "message")
        return [found[key] for key in sorted(found)]

    def marked(self, message: VoiceMessage, *, is_new: bool) -> VoiceMessage:
        """Return the message with the name for new or heard messages.

        Raises:
            BadArgument: it is not a message of this voicemail.
        """
        if not isinstance(message, VoiceMessage):
            raise BadArgument(f"a message is one of `messages`, not {message!r}", parameter="message")
        folder = self.of(message.mailbox)
        match = _MESSAGE.fullmatch(message.name.removeprefix(folder)) if message.name.startswith(folder) else None
        if match is None:
            raise BadArgument(f"{message.name} is not a message of mailbox {message.mailbox}", parameter="message")
        return replace(message, name=f"{folder}{'message' if is_new else 'heard'}-{match[2]}", is_new=is_new)


def said_counts(prompts: Mapping[str, tuple[str, ...]], messages: Sequence[VoiceMessage]) -> tuple[str, ...]:
    """Return the prompts for the number of messages: new, old, or none."""
    new = sum(message.is_new for message in messages)
    counts = [(f"number:{count}", *prompts[name]) for count, name in ((new, "new"), (len(messages) - new, "old")) if count]
    said = (*counts[0], *prompts["and"], *counts[1]) if len(counts) == 2 else counts[0] if counts else prompts["none"]
    return (*prompts["you_have"], *said, *prompts["messages"])
