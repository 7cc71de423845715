"""A conference: calls that hear each other in one room, with a PIN, a roster, and keys for its members."""

import hmac
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from asterisk_ari.aio import AsyncAsteriskARI, Call, Media
from asterisk_ari.building_blocks.aio import check_function
from asterisk_ari.building_blocks.pure import ProcessBound, check_count, media_in, methods_tell_spellings
from asterisk_ari.errors import BadArgument
from asterisk_ari.kits._async.attendance import Attendance, ConferenceOptions, ConferenceState, say_if_there
from asterisk_ari.kits._async.room import Room
from asterisk_ari.kits._core.conference_values import KEYS, PROMPTS, Attended, KeyMenu, Member, Refused
from asterisk_ari.kits._core.spoken_prompts import read_prompts


@methods_tell_spellings
class Conference(ProcessBound):
    """A room in which all members hear each other.

    `join` puts a call into it, in the program of the call, and returns when the call has left. A lone member hears music on hold.
    Asterisk reports who is talking. The bridge is created with the first member and destroyed with the last one; a locked
    conference stays locked until it is unlocked.

    Example:
        >>> room = Conference(ari, pin="4711", admin_pin="0815", max_members=20)
        >>> @ari.calls()
        ... async def enter(call: Call) -> None:
        ...     await call.answer()
        ...     await room.join(call)
    """

    def __init__(
        self,
        ari: AsyncAsteriskARI,
        *,
        name: str | None = None,
        pin: str | None = None,
        admin_pin: str | None = None,
        pin_tries: int = 3,
        max_members: int | None = None,
        music: bool = True,
        moh_class: str | None = None,
        menu: Mapping[str, Any] | None = None,
        prompts: Mapping[str, Media | Sequence[Media] | None] | None = None,
        record: str | None = None,
        on_talking: Callable[[Member], Any] | None = None,
    ) -> None:
        """Create a conference; nothing is sent before the first call joins.

        Args:
            ari: the client whose calls join.
            name: human-readable name of its bridges.
            pin: PIN to enter, ended by #; None: no PIN.
            admin_pin: PIN that makes a member an admin; None: the program decides who is one.
            pin_tries: how often the PIN is requested.
            max_members: maximum number of members; None: no limit.
            music: whether a lone member hears music on hold.
            moh_class: class of musiconhold.conf; None means the server's default.
            menu: actions by key or key sequence: "mute" (toggles own muting), "count" (says how many others are there), "leave",
                for admins "lock" (toggles) and "kick_last", or a function called with the call, which may use `say` and `ask`.
                None means {"1": "mute", "2": "lock", "3": "kick_last", "4": "count", "8": "leave"}; {} none.
            prompts: replacements for Asterisk's own sounds, None for silence: "pin", "invalid_pin", "locked", "full",
                "kicked", "alone", "muted", "unmuted", "lock", "unlock", "no_such_key"; and played to all, "joined" (default: a
                beep) and "gone" (default: nothing).
            record: name of recordings, with {id} for the id of the bridge; one recording lasts from the first member to the last;
                None: no recording.
            on_talking: called with a member who starts or stops talking; `is_talking` tells which.

        Raises:
            BadArgument: a value is invalid.
        """
        for what, one in (("pin", pin), ("admin_pin", admin_pin)):
            if one is not None and not (isinstance(one, str) and one.isdecimal() and one.isascii()):
                raise BadArgument(f"{what} must consist of digits", parameter=what)  # never the PIN itself
        if admin_pin is not None and admin_pin == pin:
            raise BadArgument("admin_pin must differ from pin", parameter="admin_pin")
        if admin_pin is not None and pin is None:
            raise BadArgument("admin_pin requires pin: guests must enter a PIN too", parameter="pin")
        for what, count in (("pin_tries", pin_tries), ("max_members", max_members)):
            if what == "pin_tries" or count is not None:
                check_count(what, count)
        check_function("on_talking", on_talking)
        self._pins = tuple(one for one in (pin, admin_pin) if one is not None)
        self._pin_tries = pin_tries
        options = ConferenceOptions(
            read_prompts("a conference", PROMPTS, prompts), KeyMenu(KEYS if menu is None else menu), on_talking, max_members
        )
        self._state = ConferenceState(Room(ari, name=name, music=music, moh_class=moh_class, record=record), options)

    @property
    def members(self) -> tuple[Member, ...]:
        """The members, in the order of joining."""
        with self._state.lock:
            return tuple(one.member for one in self._state.members.values())

    @property
    def is_locked(self) -> bool:
        """Whether only admins may join."""
        return self._state.is_locked

    def __repr__(self) -> str:
        return f"<Conference, {len(self._state.members)} members{', locked' if self.is_locked else ''}>"

    async def join(self, call: Call, *, is_admin: bool | None = None, is_muted: bool = False) -> Attended | Refused:
        """Admit a call, and return when it has left, or was refused.

        Args:
            call: the call, which should have been answered.
            is_admin: whether it is an admin, without a PIN; None: the caller is asked for the PIN, if there is one.
            is_muted: whether it joins muted.

        Returns:
            `Attended(reason, seconds)`, or `Refused(reason)`; the call is in the same state as before.

        Raises:
            CallEnded: the caller hung up.
            BadArgument: this call is already in this conference.
            AriError: the server or the connection fails.

        Emits:
            ChannelEnteredBridge and ChannelLeftBridge, ChannelTalkingStarted and ChannelTalkingFinished.

        Example:
            >>> match await room.join(call):
            ...     case Attended("kicked", seconds):
            ...         print(f"sent away after {seconds:.0f} s")
            ...     case Refused(reason):
            ...         print("not let in:", reason)
        """
        state = self._state
        if is_admin is None:
            is_admin = await self._ask(call)
            if is_admin is None:
                return Refused("pin")
        attendance = Attendance(call, state, is_admin=is_admin, is_muted=is_muted)
        with state.lock:
            if call.id in state.members:
                raise BadArgument(f"call {call.id} is already in this conference", parameter="call")
            refused = self._refusal(is_admin=is_admin)
            if refused is None:
                state.members[call.id] = attendance
        if refused is None:
            return await attendance.run()
        if said := state.options.prompts[refused.reason]:
            await say_if_there(call, said)
        return refused

    def _refusal(self, *, is_admin: bool) -> Refused | None:
        limit = self._state.options.max_members
        if self._state.is_locked and not is_admin:
            return Refused("locked")
        return Refused("full") if limit is not None and len(self._state.members) >= limit else None

    async def _ask(self, call: Call) -> bool | None:
        """Ask for the PIN; return whether it was the admin PIN, None if it was wrong."""
        if not self._pins:
            return False
        prompts = self._state.options.prompts
        answer = await call.ask(
            prompts["pin"],
            max_digits=max(map(len, self._pins)),
            tries=self._pin_tries,
            valid=self._is_pin,
            invalid=prompts["invalid_pin"],
        )
        return hmac.compare_digest(answer.digits, self._pins[-1]) and len(self._pins) == 2 if answer else None

    def _is_pin(self, digits: str) -> bool:
        return any(hmac.compare_digest(digits, pin) for pin in self._pins)

    # -- called by the program --

    async def mute(self, member: Member | Call | str) -> None:
        """Mute a member for the others.

        Args:
            member: an item of `members`, the call, or the id of its channel.

        Raises:
            BadArgument: not a member of this conference.
            ResponseError: the member is hanging up.

        Example:
            >>> for member in room.members:
            ...     if not member.is_admin:
            ...         await room.mute(member)
        """
        await self._of(member).mute(is_muted=True)

    async def unmute(self, member: Member | Call | str) -> None:
        """Unmute a member.

        Raises:
            BadArgument: not a member of this conference.
            ResponseError: the member is hanging up.

        Example:
            >>> await room.unmute(room.members[0])
        """
        await self._of(member).mute(is_muted=False)

    def kick(self, member: Member | Call | str) -> None:
        """Remove a member after a prompt that says so; its `join` returns `Attended("kicked")`.

        Raises:
            BadArgument: not a member of this conference.

        Example:
            >>> room.kick(room.members[-1])
        """
        self._of(member).send_away("kicked")

    def _of(self, member: Member | Call | str) -> Attendance:
        name = member if isinstance(member, str) else member.id
        with self._state.lock:
            if name not in self._state.members:
                raise BadArgument(f"{name} is not in this conference", parameter="member")
            return self._state.members[name]

    def lock(self) -> None:
        """Let only admins join from now on.

        Example:
            >>> room.lock()
        """
        self._state.is_locked = True

    def unlock(self) -> None:
        """Let everyone join again.

        Example:
            >>> room.unlock()
        """
        self._state.is_locked = False

    async def announce(self, *media: Media | Sequence[Media]) -> bool:
        """Play media to all members, and return when it has been heard; the music for a lone member is paused meanwhile.

        Args:
            media: as for `Bridge.play`, one or several.

        Returns:
            False if the conference is empty: nothing is played.

        Raises:
            BadArgument: there is nothing to play, or it is not media; nothing was sent.
            MediaNotPlayed: Asterisk could not play one of them, since there is no such sound.

        Emits:
            PlaybackStarted and PlaybackFinished.

        Example:
            >>> await room.announce("sound:hello-world")
        """
        return await self._state.room.play(media_in([uri for part in media for uri in media_in(part, "media")], "media"))

    async def record(self, name: str, format: str = "wav") -> None:
        """Record all members, until `stop_recording` or until the last one leaves.

        Args:
            name: name of the recording.
            format: file format, such as "wav" or "gsm".

        Raises:
            BadArgument: the conference is empty, or is already being recorded.
            Conflict: the name is in use.

        Emits:
            RecordingStarted, then RecordingFinished.

        Example:
            >>> await room.record("meetings/7")
        """
        await self._state.room.record(name, format)

    async def stop_recording(self) -> str | None:
        """Stop the recording and keep it.

        Returns:
            Its name, or None if there is none.

        Example:
            >>> await room.stop_recording()
            'meetings/7'
        """
        return await self._state.room.stop_recording()

    def close(self) -> None:
        """Remove all current members; their `join` returns `Attended("closed")`.

        Example:
            >>> room.close()
        """
        with self._state.lock:
            members = list(self._state.members.values())
        for one in members:
            one.send_away("closed")
