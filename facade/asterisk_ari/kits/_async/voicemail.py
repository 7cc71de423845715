"""Voicemail: greetings, messages and listening to them, stored as recordings on the server."""

import hmac
import logging
from collections.abc import Mapping, Sequence
from contextlib import suppress
from time import time
from typing import Any

from asterisk_ari.aio import AsyncAsteriskARI, Call, Media, Recorded
from asterisk_ari.building_blocks.pure import ProcessBound, check_count, check_seconds, methods_tell_spellings
from asterisk_ari.errors import BadArgument, Conflict, MediaNotPlayed, NotFound
from asterisk_ari.kits._core.spoken_prompts import read_prompts
from asterisk_ari.kits._core.voicemail_values import KEYS, PROMPTS, MailboxNames, VoiceMessage, said_counts

log = logging.getLogger("asterisk_ari")


@methods_tell_spellings
class Voicemail(ProcessBound):
    """Messages by mailbox. They are stored recordings of the server; there is no other storage.

    Example:
        >>> voicemail = Voicemail(ari, pins={"100": "4711"})
        >>> @ari.calls()
        ... async def answer(call: Call) -> None:
        ...     await call.answer()
        ...     await voicemail.leave(call, "100")
    """

    def __init__(
        self,
        ari: AsyncAsteriskARI,
        *,
        folder: str = "voicemail",
        pins: Mapping[str, str] | None = None,
        format: str = "wav",
        max_seconds: int = 180,
        max_silence_seconds: int | None = 5,
        min_seconds: int = 2,
        mwi_context: str | None = None,
        prompts: Mapping[str, Media | Sequence[Media] | None] | None = None,
    ) -> None:
        """Create a voicemail service; nothing is sent.

        Args:
            ari: the client whose calls leave messages.
            folder: folder of the recordings, below the server's recordings directory.
            pins: PINs for listening, by mailbox; a mailbox without one is not protected.
            format: format of the recordings.
            max_seconds: maximum length of a message.
            max_silence_seconds: how much silence ends a message; None: silence does not end it.
            min_seconds: shorter recordings are not messages, and are deleted.
            mwi_context: mailbox context for message waiting indication: with "default" it is 100@default for mailbox 100, as in
                `mailboxes` of the phone's endpoint. This requires Asterisk's module res_mwi_external; without it a warning is
                logged. None: no indication.
            prompts: replacements for Asterisk's own sounds, None for silence: "greeting" (for mailboxes without their
                own), "pin", "invalid_pin", "you_have", "new", "and", "old", "none", "messages", "choices", "deleted",
                "no_more" and "record_greeting".

        Raises:
            BadArgument: a value is invalid.
        """
        self._names = MailboxNames(folder)
        check_count("max_seconds", max_seconds)
        if max_silence_seconds is not None:
            check_count("max_silence_seconds", max_silence_seconds)
        check_seconds("min_seconds", min_seconds)
        if not isinstance(format, str) or not format.isalnum():
            raise BadArgument(f"format is that of a recording, such as wav, not {format!r}", parameter="format")
        if pins is not None and not isinstance(pins, Mapping):
            raise BadArgument("pins is a mapping of mailboxes and their PINs", parameter="pins")  # never the PINs themselves
        for mailbox, pin in (pins or {}).items():
            self._names.of(mailbox)
            if not (isinstance(pin, str) and pin.isdecimal() and pin.isascii()):
                # Never the PIN itself.
                raise BadArgument(f"the PIN of mailbox {mailbox} must consist of digits", parameter="pins")
        if mwi_context is not None:
            self._names.of(mwi_context)
        self._ari = ari
        self._mwi_context = mwi_context
        self._pins = dict(pins or {})
        self._format = format
        self._limits: dict[str, Any] = {"max_duration_seconds": max_seconds, "max_silence_seconds": max_silence_seconds}
        self._min_seconds = min_seconds
        self._prompts = read_prompts("a voicemail", PROMPTS, prompts)

    async def leave(self, call: Call, mailbox: str) -> Recorded | None:
        """Play the greeting of a mailbox, and record a message for it. Hanging up during the recording leaves a message, too.

        Args:
            call: the call, which should have been answered.
            mailbox: mailbox of the recipient; letters, digits, - and _.

        Returns:
            The message, or None if it was too short.

        Raises:
            BadArgument: the mailbox name is invalid; nothing was sent.
            CallEnded: the caller hung up during the greeting.

        Example:
            >>> message = await voicemail.leave(call, "100")
        """
        name = self._names.new(mailbox, time(), call.id)
        await self._say(call, await self._greeting(mailbox))
        with call.shield():
            message = await call.record_message(name, self._format, **self._limits)
            if message.duration_seconds is None or message.duration_seconds >= self._min_seconds:
                await self._show(mailbox)
                return message
            await self._forget(name)
            return None

    async def _greeting(self, mailbox: str) -> Sequence[str]:
        name = f"{self._names.of(mailbox)}greeting"
        try:
            await self._ari.recordings.stored(name).refresh()
        except NotFound:
            return self._prompts["greeting"]
        return (f"recording:{name}",)

    async def messages(self, mailbox: str) -> list[VoiceMessage]:
        """Return the messages of a mailbox, new and heard ones, oldest first.

        Raises:
            BadArgument: the mailbox name is invalid; nothing was sent.

        Example:
            >>> for message in await voicemail.messages("100"):
            ...     print(message.left_at, message.is_new)
        """
        self._names.of(mailbox)
        return self._names.messages(mailbox, [one.id for one in await self._ari.recordings.list_stored()])

    async def delete(self, message: VoiceMessage) -> None:
        """Delete a message; it is not an error if it is already deleted.

        Example:
            >>> await voicemail.delete((await voicemail.messages("100"))[0])
        """
        for is_new in (True, False):  # it has both names if marking it was interrupted
            await self._forget(self._names.marked(message, is_new=is_new).name)
        await self._show(message.mailbox)

    async def mark(self, message: VoiceMessage, *, is_new: bool) -> VoiceMessage:
        """Mark a message as heard, or as new again: its recording is renamed. It is not an error if the message no longer exists.

        Args:
            message: the message.
            is_new: whether to mark it as new.

        Returns:
            The message with its new name.

        Example:
            >>> await voicemail.mark((await voicemail.messages("100"))[0], is_new=True)
        """
        marked = self._names.marked(message, is_new=is_new)
        if marked.name != message.name:
            with suppress(NotFound, Conflict):
                await self._ari.recordings.stored(message.name).copy_stored(marked.name)
            await self._forget(message.name)
            await self._show(message.mailbox)
        return marked

    async def _show(self, mailbox: str) -> None:
        """Update the message waiting indication of phones, repeatedly while messages arrive or disappear meanwhile."""
        shown: tuple[int, int] | None = None
        while self._mwi_context is not None:
            messages = await self.messages(mailbox)
            new = sum(message.is_new for message in messages)
            if shown == (counts := (len(messages) - new, new)):
                return
            shown = counts
            try:
                await self._ari.mailboxes(f"{mailbox}@{self._mwi_context}").update(old_messages=counts[0], new_messages=new)
            except NotFound:
                log.warning("phones do not show waiting messages in mailbox %s: Asterisk has no res_mwi_external", mailbox)
                return

    async def _forget(self, name: str) -> None:
        with suppress(NotFound):
            await self._ari.recordings.stored(name).delete_stored()

    async def record_greeting(self, call: Call, mailbox: str) -> Recorded:
        """Record the greeting of a mailbox, replacing the current one.

        Raises:
            BadArgument: the mailbox name is invalid; nothing was sent.
            CallEnded: the caller hung up.

        Example:
            >>> await voicemail.record_greeting(call, "100")
        """
        name = f"{self._names.of(mailbox)}greeting"
        if self._prompts["record_greeting"]:
            await call.say(*self._prompts["record_greeting"])
        return await call.record_message(name, self._format, if_exists="overwrite", **self._limits)

    async def listen(self, call: Call, mailbox: str) -> bool:
        """Let a caller listen to a mailbox, new messages first. A message counts as heard once its playback has begun.

        4 plays the previous message, 5 repeats the current one, 6 plays the next, 7 deletes it, * leaves.

        Args:
            call: the call, which should have been answered.
            mailbox: the mailbox; if it has a PIN, the caller is asked for it.

        Returns:
            False if the correct PIN was not entered.

        Raises:
            BadArgument: the mailbox name is invalid; nothing was sent.
            CallEnded: the caller hung up.

        Example:
            >>> if not await voicemail.listen(call, "100"):
            ...     await call.say("sound:vm-goodbye")
        """
        self._names.of(mailbox)
        if not await self._may_listen(call, mailbox):
            return False
        messages = sorted(await self.messages(mailbox), key=lambda message: not message.is_new)
        await self._say(call, said_counts(self._prompts, messages))
        at = 0
        while at < len(messages):
            with call.shield():
                messages[at] = await self.mark(messages[at], is_new=False)
            match await self._hear(call, messages[at]):
                case "leave":
                    return True
                case "previous":
                    at = max(0, at - 1)
                case "delete":
                    await self.delete(messages.pop(at))
                    await self._say(call, self._prompts["deleted"])
                case "gone":
                    messages.pop(at)
                case "repeat":
                    pass
                case _:
                    at += 1
        if messages:
            await self._say(call, self._prompts["no_more"])
        return True

    async def _hear(self, call: Call, message: VoiceMessage) -> str | None:
        """Play a message, and return what to do next: the caller's choice, or "gone" if it was deleted in the meantime."""
        recording = f"recording:{message.name}"
        try:
            return await call.menu([recording, *self._prompts["choices"]], KEYS, tries=1)
        except MediaNotPlayed as error:
            if error.media != recording:
                raise
            return "gone"

    async def _may_listen(self, call: Call, mailbox: str) -> bool:
        pin = self._pins.get(mailbox)
        if pin is None:
            return True
        asked = self._prompts["pin"]
        typed = await call.ask(
            asked,
            max_digits=len(pin),
            valid=lambda digits: hmac.compare_digest(digits, pin),
            invalid=self._prompts["invalid_pin"],
        )
        return bool(typed)

    async def _say(self, call: Call, media: Sequence[str]) -> None:
        if media:
            await call.say(*media)
