"""What all commands share: the options that name the server, and how errors and Ctrl-C end a command."""

import functools
import inspect
import os
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from asterisk_ari.cli.help_pages import SectionedCommand, first_sentence, help_of
from asterisk_ari.cli.output import standard_error
from asterisk_ari.cli.profile import GivenAccess, profile_names, profiles_file, settings_of
from asterisk_ari.errors import AriError
from asterisk_ari.settings import Secret, Settings
from asterisk_ari.sync import AsteriskARI

FAILED = 1
WRONG_USE = 2
INTERNAL_ERROR = 70  # EX_SOFTWARE of sysexits.h
INTERRUPTED = 130
"""Exit status after Ctrl-C, as shells have it."""

ISSUES = "https://github.com/asterisk-ari/asterisk-ari/issues"

SERVER = "Server"


def _option(kind: Any, *names: str, **more: Any) -> Any:
    return Annotated[kind, typer.Option(*names, rich_help_panel=SERVER, **more)]


def _profiles_with(incomplete: str) -> list[str]:
    """What a shell completes the name of a profile with."""
    return [name for name in profile_names(profiles_file()) if name.startswith(incomplete)]


ACCESS_OPTIONS: dict[str, Any] = {
    "url": _option(
        str | None,
        "--url",
        "-u",
        metavar="URL",
        help="Address of Asterisk's HTTP server, with the prefix of http.conf, if any. Default: ARI_URL, or http://localhost:8088.",
    ),
    "user": _option(str | None, "--user", metavar="NAME", help="User of ari.conf. Default: ARI_USERNAME, or asterisk."),
    "app": _option(str | None, "--app", "-a", metavar="NAME", help="Stasis app of your program. Default: ARI_APP, or aiagc."),
    "profile": _option(
        str | None,
        "--profile",
        "-p",
        metavar="NAME",
        help="Take these settings from this table of profiles.toml. Default: ARI_PROFILE, or none.",
        autocompletion=_profiles_with,
    ),
    "ask_password": _option(bool, "--ask-password", help="Ask for the password. Default: ARI_PASSWORD, or asterisk."),
    "password_file": _option(
        Path | None, "--password-file", metavar="FILE", help="Read the password from the first line of this file."
    ),
    "ca_file": _option(Path | None, "--ca-file", metavar="FILE", help="Trust the certificates in this file (PEM)."),
}

# Options of the commands that listen.
CallOption = Annotated[
    list[str],
    typer.Option(
        "--call",
        "-c",
        metavar="TEXT",
        help="Only calls with this in an id, name or number, and the calls that they are connected to.",
    ),
]
CountOption = Annotated[int | None, typer.Option("--count", "-n", metavar="NUMBER", min=1, help="Stop after this many events.")]
SecondsOption = Annotated[
    float | None, typer.Option("--seconds", metavar="SECONDS", min=0.1, help="Stop after this many seconds.")
]


def command(app: typer.Typer, name: str, *, panel: str) -> Callable[[Callable[..., int | None]], Callable[..., None]]:
    """Make a function a command. One whose first parameter is `settings` gets the options that name the server.

    Its result is the exit status. An error of ARI is one line on standard error; Ctrl-C and a closed pipe end it
    quietly. Any other exception is a bug: its traceback, without local variables, and exit status 70.
    """

    def decorate(function: Callable[..., int | None]) -> Callable[..., None]:
        signature = inspect.signature(function, eval_str=True)
        wants_server = "settings" in signature.parameters

        @functools.wraps(function)
        def run(**given: Any) -> None:
            raise typer.Exit(_status_of(function, given, wants_server))

        own = [one for one in signature.parameters.values() if one.name != "settings"]
        shared = [_keyword(name, kind) for name, kind in ACCESS_OPTIONS.items()] if wants_server else []
        run.__signature__ = inspect.Signature([*own, *shared])  # type: ignore[attr-defined]
        run.__annotations__ = {one.name: one.annotation for one in [*own, *shared]}
        doc = inspect.getdoc(function) or ""
        added = app.command(name, cls=SectionedCommand, rich_help_panel=panel, help=help_of(doc), short_help=first_sentence(doc))
        return added(run)

    return decorate


def _keyword(name: str, annotation: Any) -> inspect.Parameter:
    default = False if name == "ask_password" else None
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)


def _status_of(function: Callable[..., int | None], given: dict[str, Any], wants_server: bool) -> int:
    try:
        if wants_server:
            given = {"settings": _settings(given), **{key: value for key, value in given.items() if key not in ACCESS_OPTIONS}}
        return function(**given) or 0
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:  # of `| head`, which has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except AriError as error:
        standard_error().print(f"asterisk-ari: {error}", style="fault")
        return FAILED if not isinstance(error, ValueError) else WRONG_USE
    except (typer.Exit, typer.Abort, typer.BadParameter):
        raise
    except Exception as error:  # noqa: BLE001 - a bug; typer's own traceback would show local variables, passwords among them
        standard_error().print("".join(traceback.format_exception(error)), style="faint", markup=False, highlight=False)
        standard_error().print(f"asterisk-ari: internal error: {type(error).__name__}; please report it: {ISSUES}", style="fault")
        return INTERNAL_ERROR


def _settings(given: dict[str, Any]) -> Settings:
    password = typer.prompt("Password", hide_input=True, err=True) if given["ask_password"] else None
    return settings_of(
        GivenAccess(
            profile=given["profile"],
            url=given["url"],
            username=given["user"],
            app_name=given["app"],
            ca_file=given["ca_file"],
            password_file=given["password_file"],
            password=Secret.of(password),
        )
    )


def client_of(settings: Settings, *, app_name: str | None = None, **options: Any) -> AsteriskARI:
    """A client that is not connected yet; with `app_name` as an app of its own, so that it takes no events from a program."""
    if settings.proxy is not None:
        options["proxy"] = Secret(settings.proxy)
    return AsteriskARI(
        url=settings.base_url,
        username=settings.username,
        password=settings.password,
        app_name=app_name or settings.app_name,
        verify=settings.verify,
        **options,
    )
