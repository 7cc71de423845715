"""Sounds: what is installed for `sound:` media."""

from typing import ClassVar

from asterisk_ari._async.resource import Collection, Handle, by_id
from asterisk_ari._core.naming import operation


class Sound(Handle):
    """One sound by its file name without extension, such as "hello-world"."""

    MODEL_OF: ClassVar[str] = "sounds.get"

    __slots__ = ()

    @operation("sounds.get")
    async def refresh(self) -> "Sound":
        """Ask the server for the sound's text, languages and formats.

        `GET /sounds/{soundId}`, since 13.0. `json` holds them afterwards.

        Returns:
            This handle.

        Raises:
            NotFound: there is no such sound.

        Example:
            >>> (await ari.sounds("hello-world").refresh()).json["text"]
            'Hello, world.'
        """
        self._know(await self._call("sounds.get", soundId=self.id))
        return self


class Sounds(Collection[Sound]):
    """Installed sounds: `ari.sounds`."""

    HANDLE = Sound

    @by_id(Sound.refresh)
    def get(self) -> None:
        """The sound with this id, as `Sound.refresh`."""

    @operation("sounds.list")
    async def list(self, *, lang: str | None = None, format: str | None = None) -> list[Sound]:
        """List the installed sounds, or those of a language or format.

        `GET /sounds`, since 13.0.

        Args:
            lang: language code, such as "en"; None is all.
            format: file format, such as "ulaw"; None is all.

        Returns:
            A handle with text, languages and formats for each.

        Raises:
            NotFound: nothing matches.

        Example:
            >>> german = await ari.sounds.list(lang="de")
        """
        return self._handles(await self._call("sounds.list", lang=lang, format=format))
