"""The command `replay`: a recorded session as a server."""

import time
from pathlib import Path
from typing import Annotated

import typer

from asterisk_ari.cli.command import FAILED, command
from asterisk_ari.cli.output import output, standard_error
from asterisk_ari.cli.profile import read_password
from asterisk_ari.errors import BadArgument

POLL_SECONDS = 0.05


def replay(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The session: a file of `record`, or one that a test has saved.")],
    *,
    host: Annotated[str, typer.Option("--host", metavar="ADDRESS", help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option("--port", metavar="PORT", min=0, max=65535, help="Port to listen on; 0 takes a free one.")
    ] = 8088,
    user: Annotated[str, typer.Option("--user", metavar="NAME", help="User name that the program gives.")] = "asterisk",
    password_file: Annotated[
        Path | None,
        typer.Option("--password-file", metavar="FILE", help="The password is its first line; else it is asterisk."),
    ] = None,
    lenient: Annotated[
        bool, typer.Option("--lenient", help="Answer requests that were not recorded, too, and accept other differences.")
    ] = False,
    paced: Annotated[bool, typer.Option("--paced", help="Send events no sooner than they were recorded.")] = False,
) -> int:
    """Replay a recorded session: serve the recorded responses to the same requests, and the events between them.

    It ends when the session is over and the program has disconnected, or with Ctrl-C, and prints what was different: exit status
    1 where something was. A request that was not recorded is answered with 501, unless --lenient.

    Example:
        asterisk-ari replay calls.jsonl --port 8088
    """
    from asterisk_ari.testing.embedded import EmbeddedAsterisk

    password = "asterisk" if password_file is None else read_password(password_file)
    try:
        server = EmbeddedAsterisk.replay(file, lenient=lenient, paced=paced, users={user: password}, host=host, port=port).start()
    except (OSError, ValueError) as error:
        raise BadArgument(str(error)) from None
    output().print(f"{file} on {server.url}/ari, user {user}; Ctrl-C ends it", soft_wrap=True)

    def has_ended() -> bool:
        return server.replay_is_over and all(app.send is None for app in server.machine.apps.values())

    try:
        while not server.run_in_server(has_ended):
            time.sleep(POLL_SECONDS)
    except KeyboardInterrupt:
        standard_error().print("ended by Ctrl-C", style="faint")
    server.stop()
    output().print(str(server.replay_report), soft_wrap=True)
    return 0 if server.replay_report.is_same else FAILED


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    command(app, "replay", panel="Record and analyse")(replay)
