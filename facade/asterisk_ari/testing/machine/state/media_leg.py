"""The leg of an external media channel: its format, what waits to be heard, and the connection to the program."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from asterisk_ari._core.media.formats import AudioFormat
from asterisk_ari._core.media.g711 import samples_of, to_alaw, to_ulaw
from asterisk_ari.testing.sound.frame_queue import FrameQueue
from asterisk_ari.testing.sound.tracks import Track


class LegLink(Protocol):
    """The connection between a leg and a program."""

    def send_audio(self, frame: bytes) -> None:
        """Send a frame, in the format of the leg."""

    def send_digit(self, digit: str) -> None:
        """Say that a digit was pressed."""

    def send_reports(self) -> None:
        """Say what the queue has to say."""

    def close(self) -> None:
        """End it: the channel has ended."""


@dataclass(slots=True, eq=False)
class MediaLeg:
    """What a channel of external media has besides."""

    audio: AudioFormat
    queue: FrameQueue
    connection_id: str = ""
    uri_parameters: str = ""
    is_json: bool = False
    answers: bool = True
    direction: str = "both"
    track: Track = field(default_factory=Track)
    link: LegLink | None = None

    @property
    def decode(self) -> Callable[[bytes], bytes]:
        """What turns a frame into samples."""
        return samples_of(self.audio.name)

    @property
    def encode(self) -> Callable[[bytes], bytes]:
        """What turns samples into a frame."""
        return {"ulaw": to_ulaw, "alaw": to_alaw}.get(self.audio.name, bytes)


class LegConnector(Protocol):
    """Opens the connections of legs: what the machine itself, which has no sockets, asks of its server."""

    def open_websocket(self, channel: Any, url: str) -> None:
        """Connect to a program's WebSocket."""

    def open_audiosocket(self, channel: Any, host: str, port: int) -> None:
        """Connect to a program that speaks AudioSocket."""

    def open_rtp(self, channel: Any, host: str, port: int) -> int:
        """Open a port for RTP with a program; returns its number."""


@dataclass(slots=True)
class ExternalMedia:
    """The channels whose legs are connected, those that wait for a program by the id of the connection, and who connects."""

    connected: list[Any] = field(default_factory=list)
    waiting: dict[str, Any] = field(default_factory=dict)
    connector: LegConnector | None = None
