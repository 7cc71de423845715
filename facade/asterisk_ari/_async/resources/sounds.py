"""Sounds: what is installed for `sound:` media."""

from typing import TYPE_CHECKING, ClassVar, Final, cast

from asterisk_ari._async.resources.base import Collection, Handle, by_id
from asterisk_ari._core.requests.naming import operation

if TYPE_CHECKING:
    from ari_rest import models
    from ari_rest.json_shapes import SoundJson


class Sound(Handle):
    """One sound by its file name without extension, such as "hello-world"."""

    KIND: ClassVar[str] = "sound"
    MODEL_OF: ClassVar[str] = "sounds.get"

    __slots__ = ()

    json: "SoundJson"

    @property
    def data(self) -> "models.Sound":
        """The snapshot as the generated model, as `Handle.data`."""
        return cast("models.Sound", self._model())

    @property
    def text(self) -> str:
        """What is said in it."""
        return self._text("text")

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
        self.json = await self._call("sounds.get", soundId=self.id)
        return self


class Sounds(Collection[Sound]):
    """Installed sounds: `ari.sounds`."""

    HANDLE = Sound

    get: Final = by_id(Sound.refresh)

    @operation("sounds.list")
    async def list(self, *, lang: str | None = None, format: str | None = None) -> list[Sound]:
        """List the installed sounds, or those of a language or format.

        `GET /sounds`, since 13.0.

        Args:
            lang: language code, such as "en"; None means all.
            format: file format, such as "ulaw"; None means all.

        Returns:
            A handle with text, languages and formats for each.

        Raises:
            NotFound: nothing matches.

        Example:
            >>> german = await ari.sounds.list(lang="de")
        """
        return self._handles(await self._call("sounds.list", lang=lang, format=format))
