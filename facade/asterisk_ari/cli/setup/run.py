"""The commands `config`, `new` and `embedded`."""

import secrets
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from asterisk_ari.cli.command import command
from asterisk_ari.cli.output import output
from asterisk_ari.cli.setup.conf_text import AppAccess, configuration
from asterisk_ari.cli.setup.new_project import make_project
from asterisk_ari.settings import Settings

PASSWORD_BYTES = 18


class Configured(StrEnum):
    """What `config` prints files for."""

    ARI = "ari"
    OUTBOUND = "outbound"
    MEDIA = "media"
    WEBRTC = "webrtc"
    DIALPLAN = "dialplan"


class Project(StrEnum):
    """What `new` makes."""

    IVR = "ivr"
    VOICEBOT = "voicebot"
    DIALLER = "dialler"
    QUEUE = "queue"


def config(
    settings: Settings,
    kind: Annotated[
        Configured,
        typer.Argument(
            metavar="KIND",
            help="ari: switched on, with a user. outbound: Asterisk connects to the program. media: audio streams."
            " webrtc: phones in browsers. dialplan: calls for the app.",
        ),
    ],
    *,
    program: Annotated[
        str, typer.Option("--program", metavar="URL", help="Where Asterisk reaches the program: for outbound and media.")
    ] = "ws://127.0.0.1:9000",
) -> int:
    """Print the lines that your app needs in Asterisk's configuration files.

    --app and --user name app and user; the password is a new one each time. Nothing is asked of a server.

    Example:
        asterisk-ari config ari --app ivr --user ops
    """
    access = AppAccess(
        app=settings.app_name,
        user=settings.username,
        password=secrets.token_urlsafe(PASSWORD_BYTES),
        port=settings.port,
        program=program.rstrip("/"),
    )
    output().print(configuration(kind.value, access), soft_wrap=True)
    return 0


def new(
    kind: Annotated[Project, typer.Argument(metavar="KIND", help="ivr, voicebot, dialler or queue.")],
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="The folder to make; it must not exist yet, or be empty.")],
    *,
    app: Annotated[
        str | None, typer.Option("--app", "-a", metavar="NAME", help="Stasis app of the program; named as KIND unless given.")
    ] = None,
) -> int:
    """Create a project: a program and its test, which needs no Asterisk.

    Example:
        asterisk-ari new ivr my-ivr && cd my-ivr && pytest
    """
    console = output()
    for path in make_project(kind.value, folder, app or kind.value):
        console.print(str(path), soft_wrap=True)
    console.print(f"next: cd {folder} && pip install -r requirements.txt && pytest", style="faint", soft_wrap=True)
    return 0


def embedded(
    *,
    config_file: Annotated[
        Path | None, typer.Option("--config", metavar="FILE", help="A TOML file with its endpoints, dialplan, sounds, …")
    ] = None,
    host: Annotated[
        str | None, typer.Option("--host", metavar="ADDRESS", help="Address to listen on; 127.0.0.1 unless given.")
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(
            "--port", metavar="PORT", min=0, max=65535, help="Port to listen on, 8088 unless given; 0 takes a free one."
        ),
    ] = None,
    release: Annotated[
        str | None, typer.Option("--release", metavar="VERSION", help="The release of Asterisk to behave as.")
    ] = None,
    dialplan: Annotated[
        Path | None, typer.Option("--dialplan", metavar="FILE", help="Take the dialplan from this extensions.conf.")
    ] = None,
    control_port: Annotated[
        int | None,
        typer.Option("--control-port", metavar="PORT", min=0, max=65535, help="Serve the control API here, for any language."),
    ] = None,
    virtual_time: Annotated[bool, typer.Option("--virtual-time", help="Time passes only when the control API says so.")] = False,
) -> int:
    """Run an embedded Asterisk for tests until Ctrl-C: ARI without a PBX.

    User and password are asterisk; with a --host that other machines reach the password is a new one, and printed. Calls come
    from its dialplan, from requests of programs, and from the command `call`.

    Examples:
        asterisk-ari embedded --dialplan extensions.conf
        asterisk-ari embedded --config pbx.toml --control-port 8089
    """
    from asterisk_ari.testing.__main__ import main

    given = {
        "--config": config_file,
        "--host": host,
        "--port": port,
        "--release": release,
        "--dialplan": dialplan,
        "--control-port": control_port,
    }
    arguments = [text for name, value in given.items() if value is not None for text in (name, str(value))]
    return main(arguments + ["--virtual-time"] * virtual_time, name="asterisk-ari")


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    command(app, "config", panel="Set up")(config)
    command(app, "new", panel="Set up")(new)
    command(app, "embedded", panel="Set up")(embedded)
