"""The commands `call` and `hangup`: one call, from a shell."""

import time
from contextlib import suppress
from typing import Annotated
from uuid import uuid4

import typer

from asterisk_ari.cli.command import FAILED, client_of, command
from asterisk_ari.cli.output import output, standard_error
from asterisk_ari.errors import WaitTimeout
from asterisk_ari.settings import Settings
from asterisk_ari.sync import AsteriskARI, Channel

GONE_SECONDS = 10.0


def call(
    settings: Settings,
    endpoint: Annotated[str, typer.Argument(metavar="ENDPOINT", help="Whom to call: PJSIP/alice, PJSIP/100@trunk.")],
    media: Annotated[
        list[str] | None, typer.Argument(metavar="[MEDIA]...", help="What to play: sound:hello-world, digits:42, tone:ring.")
    ] = None,
    *,
    caller_id: Annotated[
        str | None, typer.Option("--caller-id", metavar="TEXT", help='The caller that is shown: "Desk <100>".')
    ] = None,
    ring: Annotated[float, typer.Option("--ring", metavar="SECONDS", min=1, help="How long to let it ring.")] = 30.0,
    stay: Annotated[
        float, typer.Option("--stay", metavar="SECONDS", min=0, help="How long to stay on the line after that.")
    ] = 0.0,
) -> int:
    """Call an endpoint, play something when it answers, and hang up.

    Exit status 1 when it is not answered: then it says why (busy, no answer, not registered, …). Ctrl-C hangs up.

    Example:
        asterisk-ari call PJSIP/alice sound:hello-world
    """
    console, app = output(), f"asterisk-ari-call-{uuid4().hex[:8]}"
    with client_of(settings, app_name=app) as ari:
        begun = time.monotonic()
        with ari.call(endpoint, answer_timeout_seconds=ring, caller_id=caller_id) as placed:
            console.print(f"{placed.channel.name} answered after {time.monotonic() - begun:.1f} s")
            for one in media or ():
                placed.say(one)
                console.print(f"played {one}")
            if stay:
                with suppress(WaitTimeout):  # who hangs up first ends it earlier
                    placed.channel.wait_until_gone(stay)
        console.print("hung up")
    return 0


def hangup(
    settings: Settings,
    channels: Annotated[list[str], typer.Argument(metavar="CHANNEL...", help="Ids or names, as `calls` shows them.")],
) -> int:
    """Hang up channels, and wait until they are gone.

    Exit status 1 when one is not there.

    Example:
        asterisk-ari hangup PJSIP/alice-00000002 1795978764.3
    """
    console, missing = output(), 0
    with client_of(settings, app_name=f"asterisk-ari-hangup-{uuid4().hex[:8]}") as ari:
        there = ari.channels.list()
        for wanted in channels:
            found = next((one for one in there if wanted in (one.id, one.name)), None)
            if found is None:
                standard_error().print(f"asterisk-ari: there is no channel {wanted}", style="fault")
                missing += 1
                continue
            _hang_up(ari, found)
            console.print(f"{found.name} is gone")
    return FAILED if missing else 0


def _hang_up(ari: AsteriskARI, channel: Channel) -> None:
    with channel.expect("ChannelDestroyed") as gone:
        ari.applications(ari.settings.app_name).subscribe(channel)
        channel.hangup()
        gone.result(GONE_SECONDS)


def add_to(app: typer.Typer) -> None:
    """Add both commands."""
    command(app, "call", panel="Control")(call)
    command(app, "hangup", panel="Control")(hangup)
