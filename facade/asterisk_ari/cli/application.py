"""All commands, and the program that runs one."""

from typing import Annotated

import typer

from asterisk_ari.cli.calls import actions, on_channels
from asterisk_ari.cli.calls import run as calls
from asterisk_ari.cli.doctor import run as doctor
from asterisk_ari.cli.gateway import run as gateway
from asterisk_ari.cli.help_pages import SectionedGroup
from asterisk_ari.cli.ladder import replaying
from asterisk_ari.cli.ladder import run as ladder
from asterisk_ari.cli.media_test import run as media_test
from asterisk_ari.cli.setup import run as setup
from asterisk_ari.cli.tail import run as tail

app: typer.Typer = typer.Typer(
    name="asterisk-ari",
    cls=SectionedGroup,
    help="Operate Asterisk over ARI: find faults, watch and draw calls, and control them.",
    epilog=(
        "The server is named by options of each command, by a profile (--profile lab), or by ARI_URL, ARI_USERNAME,"
        " ARI_PASSWORD and ARI_APP. Begin with `doctor`, or with `embedded` where there is no Asterisk; each command has a"
        " --help of its own."
    ),
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["--help", "-h"]},
)


@app.callback(invoke_without_command=True)
def options(
    version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False,
) -> None:
    """Operate Asterisk over ARI: find faults, watch and draw calls, and control them."""
    if version:
        from asterisk_ari import __version__

        typer.echo(f"asterisk-ari {__version__}")
        raise typer.Exit


for _command in (doctor, media_test, tail, calls, ladder, replaying, actions, on_channels, gateway, setup):
    _command.add_to(app)


def run(arguments: list[str]) -> int:
    """Run one command, and return its exit status."""
    try:
        app(arguments, prog_name="asterisk-ari")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 1
    return 0
