"""The main task in one minute: place a call into an app, answer it, play a sound to its end, hang up, and print the events.

Uses the Asterisk at ARI_URL (ARI_USERNAME, ARI_PASSWORD); with LIVE_SERIES=22 or 16 it starts the packaged one; otherwise it uses
the embedded one, which needs only Python.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from ari_rest._meta import FINGERPRINT
from asterisk_ari import AriError, AsteriskARI
from asterisk_ari.events import Event
from asterisk_ari.testing import EmbeddedAsterisk
from scripts.live import LiveAsterisk, LiveAsteriskError

APP = "demo"
TIMEOUT_SECONDS = 20.0


@contextmanager
def client() -> Iterator[AsteriskARI]:
    """Return a client of the server at ARI_URL, or else of an Asterisk that runs for the duration of the block."""
    if os.environ.get("ARI_URL"):
        with AsteriskARI(app_name=APP) as ari:
            yield ari
        return
    series = os.environ.get("LIVE_SERIES")
    with (
        LiveAsterisk(series) if series else EmbeddedAsterisk() as own,
        AsteriskARI(url=own.url, username=own.username, password=own.password, app_name=APP) as ari,
    ):
        yield ari


def show(event: Event) -> None:
    """Print one line for each event, as it arrived."""
    about = event.get("channel") or event.get("playback") or event.get("peer", {})
    line = f"  {event.type:<22} {about.get('name', about.get('media_uri', ''))} {about.get('state', '')}".rstrip()
    print(f"{line}\n", end="")  # handlers of several calls write at the same time


def into_the_app(ari: AsteriskARI) -> str:
    """Since 16.2 a connected app has a dialplan context of its own; before, extensions.conf must have a context `stasis`.

    There, `exten => _[0-9a-zA-Z]!,1,Stasis(${EXTEN})` is all that the demo needs.
    """
    release = ari.capabilities.release
    has_context = release is None or (release.branch, release.minor) >= (16, 2)
    return f"Local/demo@stasis-{APP}" if has_context else f"Local/{APP}@stasis"


def run(ari: AsteriskARI) -> None:
    """One call: the half that the dialplan sees is answered, the other half hears the sound."""
    info = ari.get_asterisk_info()
    print(f"Asterisk {info['version']}, client fingerprint {FINGERPRINT[:12]}")
    ari.on("*", show)
    with ari.expect("StasisStart", match=lambda event: event["channel"]["name"].endswith(";2")) as incoming:
        channel_id = ari.originate_call(into_the_app(ari))
        if channel_id is None:
            raise AriError(f"no call: {ari.last_error}")
        with ari.expect("StasisStart", about=("channel", channel_id)) as entered:
            other_half_id = incoming.result(TIMEOUT_SECONDS)["channel"]["id"]
            ari.answer_channel(other_half_id)
            entered.result(TIMEOUT_SECONDS)
    channel = ari.channels(channel_id)
    channel.play("sound:hello-world").wait(TIMEOUT_SECONDS)
    with (
        ari.expect("ChannelDestroyed", about=("channel", channel_id)) as gone,
        ari.expect("ChannelDestroyed", about=("channel", other_half_id)) as other_half_gone,
    ):
        ari.hangup_channel(channel_id)
        gone.result(TIMEOUT_SECONDS)
        other_half_gone.result(TIMEOUT_SECONDS)


def main() -> int:
    """Run the demo; a failure is one line that tells what to check."""
    try:
        with client() as ari:
            run(ari)
    except (AriError, LiveAsteriskError) as error:
        print(f"demo: {error}", file=sys.stderr)
        return 1
    # Disconnected: every event has been shown.
    print("The call was placed, answered, played to, and hung up.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
