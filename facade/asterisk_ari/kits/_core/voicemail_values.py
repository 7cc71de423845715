"""Messages of a voicemail, what it says, and how it names recordings. Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from asterisk_ari.errors import BadArgument

PROMPTS: dict[str, tuple[str, ...]] = {
    "greeting": ("sound:vm-intro",),
    "pin": ("sound:vm-password",),
    "invalid_pin": ("sound:vm-incorrect",),
    "you_have": ("sound:vm-youhave",),
    "none": ("sound:vm-no",),
    "messages": ("sound:vm-messages",),
    "choices": ("sound:vm-repeat", "sound:vm-next", "sound:vm-delete"),
    "deleted": ("sound:vm-deleted",),
    "no_more": ("sound:vm-nomore",),
    "record_greeting": ("sound:vm-rec-unv",),
}
"""What a voicemail says, with Asterisk's own sounds."""

KEYS = {"4": "previous", "5": "repeat", "6": "next", "7": "delete", "*": "leave"}
"""What the keys do of one who listens, as in Asterisk's own voicemail."""

_MAILBOX = re.compile(r"[A-Za-z0-9_-]{1,64}")
_FOLDER = re.compile(r"[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*")
_MESSAGE = re.compile(r"message-(\d{13})-[^/]+")


@dataclass(frozen=True)
class VoiceMessage:
    """A message that somebody has left.

    Attributes:
        name: of its recording.
        mailbox: for whom it is.
        left_at: when it was begun, in seconds since 1970 (UTC).
    """

    name: str
    mailbox: str
    left_at: float


class Shelf:
    """Names of recordings: folder/mailbox/message-MILLISECONDS-ID, and folder/mailbox/greeting.

    Args:
        folder: below the recordings' directory.

    Raises:
        BadArgument: a name that is none of a folder.
    """

    def __init__(self, folder: str) -> None:
        if not isinstance(folder, str) or not _FOLDER.fullmatch(folder):
            raise BadArgument(f"folder is made of letters, digits, - and _, not {folder!r}", parameter="folder")
        self._folder = folder

    def of(self, mailbox: str) -> str:
        """The folder of a mailbox.

        Raises:
            BadArgument: no name of a mailbox: it may come from outside, and must not lead elsewhere.
        """
        if not isinstance(mailbox, str) or not _MAILBOX.fullmatch(mailbox):
            raise BadArgument(f"a mailbox is made of letters, digits, - and _, not {mailbox!r}", parameter="mailbox")
        return f"{self._folder}/{mailbox}/"

    def new(self, mailbox: str, now: float, call_id: str) -> str:
        """The name of a message that is left now."""
        return f"{self.of(mailbox)}message-{round(now * 1000):013d}-{re.sub(r'[^A-Za-z0-9_.-]', '-', call_id)}"

    def messages(self, mailbox: str, names: Iterable[str]) -> list[VoiceMessage]:
        """Those among recordings that are messages of a mailbox, the oldest first."""
        folder = self.of(mailbox)
        return [
            VoiceMessage(name, mailbox, int(match[1]) / 1000)
            for name in sorted(names)
            if name.startswith(folder) and (match := _MESSAGE.fullmatch(name.removeprefix(folder)))
        ]
