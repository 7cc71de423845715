"""The commands `play`, `say`, `bridge` and `snoop`: what is done to channels that a program has in its app."""

import sys
import wave
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from enum import StrEnum
from pathlib import Path
from typing import Annotated
from uuid import uuid4

import typer

from asterisk_ari.cli.command import SecondsOption, client_of, command
from asterisk_ari.cli.output import output, standard_error
from asterisk_ari.cli.own_bridge import own_bridge
from asterisk_ari.errors import BadArgument, MediaNotPlayed, NotFound, ObjectGone, WaitTimeout
from asterisk_ari.settings import Settings
from asterisk_ari.sync import AsteriskARI, Bridge, Channel, EspeakNG, Spoken

RATE = 8000


class Spied(StrEnum):
    """Whom `snoop` hears."""

    BOTH = "both"
    IN = "in"
    OUT = "out"


def _client(settings: Settings, purpose: str) -> AsteriskARI:
    return client_of(settings, app_name=f"asterisk-ari-{purpose}-{uuid4().hex[:8]}")


def find_channel(ari: AsteriskARI, wanted: str) -> Channel:
    """A channel by its id or name.

    Raises:
        BadArgument: there is none.
    """
    found = next((one for one in ari.channels.list() if wanted in (one.id, one.name)), None)
    if found is None:
        raise BadArgument(f"there is no channel {wanted}; `asterisk-ari calls` shows those that there are")
    return found


def find_bridge(ari: AsteriskARI, wanted: str) -> Bridge | None:
    """A bridge by its id or name; None where there is none."""
    return next((one for one in ari.bridges.list() if wanted in (one.id, one.json.get("name"))), None)


def bridge_of(ari: AsteriskARI, channel: Channel) -> Bridge | None:
    """The bridge that a channel is in."""
    return next((one for one in ari.bridges.list() if channel.id in (one.json.get("channels") or ())), None)


def play(
    settings: Settings,
    target: Annotated[str, typer.Argument(metavar="TARGET", help="Id or name of a channel that is in an app, or of a bridge.")],
    media: Annotated[
        list[str], typer.Argument(metavar="MEDIA...", help="What to play: sound:hello-world, digits:42, tone:ring, …")
    ],
) -> int:
    """Play something to a channel or a bridge, and wait until it has been played.

    Example:
        asterisk-ari play PJSIP/alice-00000002 sound:hello-world
    """
    console = output()
    with _client(settings, "play") as ari:
        heard = find_bridge(ari, target) or find_channel(ari, target)
        ari.applications(ari.settings.app_name).subscribe(heard)
        for one in media:
            playback = heard.play(one)
            try:
                state = playback.wait(None).playback["state"]
            except KeyboardInterrupt:
                playback.stop()
                raise
            if state != "done":
                raise MediaNotPlayed(f"{one} was not played", media=one)
            console.print(f"played {one}")
    return 0


def say(
    settings: Settings,
    target: Annotated[str, typer.Argument(metavar="TARGET", help="Id or name of a channel that is in an app, or of a bridge.")],
    text: Annotated[str, typer.Argument(metavar="TEXT", help="What to say.")],
    *,
    voice: Annotated[str, typer.Option("--voice", metavar="NAME", help="A voice of espeak-ng: en, de, en-gb, …")] = "en",
) -> int:
    """Speak a text to a channel or a bridge, and wait until it has been heard.

    The program espeak-ng of this machine speaks, over an audio stream. Where the channel is in a bridge, all in there hear it.

    Example:
        asterisk-ari say PJSIP/alice-00000002 "We close in five minutes"
    """
    spoken = Spoken(text, EspeakNG(voice))
    with _client(settings, "say") as ari:
        heard: Bridge | Channel | None = find_bridge(ari, target)
        if heard is None:
            channel = find_channel(ari, target)
            heard = bridge_of(ari, channel) or channel
        with ari.media(heard, rate=RATE) as media:
            media.say(spoken).wait()
            media.mark()
    output().print(f"said {text}")
    return 0


def bridge(
    settings: Settings,
    channels: Annotated[
        list[str],
        typer.Argument(metavar="CHANNEL...", help="Ids or names of channels that are in an app, as `calls` shows them."),
    ],
    *,
    seconds: SecondsOption = None,
) -> int:
    """Connect channels until the first of them leaves, or Ctrl-C.

    The bridge is destroyed then; who is still in it goes back to its app.

    Example:
        asterisk-ari bridge PJSIP/alice-00000002 PJSIP/bob-00000003
    """
    if len(channels) < 2:
        raise BadArgument("one channel has nobody to talk to: name two or more")
    console = output()
    with _client(settings, "bridge") as ari:
        found = [find_channel(ari, wanted) for wanted in channels]
        with own_bridge(ari, "asterisk-ari") as made:
            ari.applications(ari.settings.app_name).subscribe(made)
            with made.expect("ChannelLeftBridge") as left:
                made.add_channel(found)
                console.print(f"{', '.join(one.name for one in found)} are connected in {made.id}", soft_wrap=True)
                with suppress(WaitTimeout):
                    event = left.result(seconds)
                    console.print(f"{event['channel']['name']} has left", soft_wrap=True)
    return 0


def snoop(
    settings: Settings,
    target: Annotated[str, typer.Argument(metavar="CHANNEL", help="Id or name of the channel, as `calls` shows it.")],
    file: Annotated[
        str,
        typer.Argument(
            metavar="FILE", help="The WAV file to write, which must not exist yet; - writes raw samples to standard output."
        ),
    ],
    *,
    spy: Annotated[Spied, typer.Option("--spy", help="in: what the channel says; out: what it hears.")] = Spied.BOTH,
    seconds: SecondsOption = None,
) -> int:
    """Listen in on a channel until it ends, or Ctrl-C. Nobody in the call notices.

    Raw samples are signed 16 bits, mono, 8000 a second.

    Examples:
        asterisk-ari snoop PJSIP/alice-00000002 call.wav
        asterisk-ari snoop PJSIP/alice-00000002 - | aplay -f S16_LE -r 8000
    """
    heard = 0
    with _writing(file) as write, _client(settings, "snoop") as ari:
        snooped = find_channel(ari, target).snoop_channel(spy.value)
        try:
            with suppress(ObjectGone), ari.media(snooped, rate=RATE, direction="in") as media:
                for frame in media:
                    write(frame.pcm)
                    heard += len(frame.pcm) // 2
                    if seconds is not None and heard >= seconds * RATE:
                        break
        finally:
            with suppress(NotFound):
                snooped.hangup()
    standard_error().print(f"{heard / RATE:.1f} s", style="faint")
    return 0


@contextmanager
def _writing(file: str) -> Iterator[Callable[[bytes], object]]:
    """What takes samples: a WAV file, or standard output."""
    if file == "-":
        yield sys.stdout.buffer.write
        return
    with ExitStack() as open_files:
        try:
            raw = open_files.enter_context(Path(file).open("xb"))
        except OSError as error:
            raise BadArgument(f"{file} cannot be made: {error.strerror}") from None
        wav = open_files.enter_context(wave.open(raw, "wb"))
        wav.setparams((1, 2, RATE, 0, "NONE", ""))
        yield wav.writeframes


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    command(app, "play", panel="Control")(play)
    command(app, "say", panel="Control")(say)
    command(app, "bridge", panel="Control")(bridge)
    command(app, "snoop", panel="Control")(snoop)
