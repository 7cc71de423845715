"""OpenAI Realtime on an audio stream, by docs/media-frameworks.md: deltas in, truncation out."""

import asyncio
import base64
from collections.abc import AsyncIterator
from typing import Any

from asterisk_ari.media import MediaStream


class RealtimeBridge:
    """Between a stream at 24 kHz and a connection of the Realtime API.

    Args:
        media: the stream.
        connection: has `send(event)`, and is iterated over for events: dicts, as the API has them.
    """

    def __init__(self, media: MediaStream, connection: Any) -> None:
        self._media = media
        self._connection = connection
        self._items: dict[str, str] = {}  # utterance → item
        self._deltas: dict[str, asyncio.Queue[bytes | None]] = {}  # item → what is still to be said of it
        self._cut: set[str] = set()

    async def run(self) -> None:
        """Until the call has ended."""
        taking = asyncio.create_task(self._take())
        try:
            async for frame in self._media:
                audio = base64.b64encode(frame.pcm).decode()
                await self._connection.send({"type": "input_audio_buffer.append", "audio": audio})
        finally:
            taking.cancel()
            await asyncio.wait([taking])

    async def _take(self) -> None:
        async for event in self._connection:
            match event:
                case {"type": "response.output_audio.delta", "item_id": item, "delta": delta} if item not in self._cut:
                    await self._say(item, base64.b64decode(delta))
                case {"type": "response.output_audio.done", "item_id": item} if item in self._deltas:
                    self._deltas.pop(item).put_nowait(None)
                case {"type": "input_audio_buffer.speech_started"}:
                    await self._interrupt()

    async def _say(self, item: str, audio: bytes) -> None:
        if item not in self._deltas:
            self._deltas[item] = asyncio.Queue()
            utterance = await self._media.say(_until_none(self._deltas[item]))
            self._items[utterance.id] = item
        self._deltas[item].put_nowait(audio)

    async def _interrupt(self) -> None:
        cut = await self._media.flush()
        self._cut |= self._deltas.keys()
        self._deltas.clear()
        if cut.utterance_id in self._items:
            item = self._items[cut.utterance_id]
            self._cut.add(item)
            await self._connection.send(
                {
                    "type": "conversation.item.truncate", "item_id": item, "content_index": 0,
                    "audio_end_ms": cut.heard_ms,
                }
            )  # fmt: skip


async def _until_none(pieces: asyncio.Queue[bytes | None]) -> AsyncIterator[bytes]:
    while (piece := await pieces.get()) is not None:
        yield piece
