"""What all commands share: the options that name the server, and how errors and Ctrl-C end a command."""

import functools
import inspect
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from asterisk_ari.cli.output import standard_error
from asterisk_ari.cli.profile import GivenAccess, settings_of
from asterisk_ari.errors import AriError
from asterisk_ari.settings import Secret, Settings
from asterisk_ari.sync import AsteriskARI

FAILED = 1
WRONG_USE = 2
INTERRUPTED = 130
"""Exit status after Ctrl-C, as shells have it."""

SERVER = "Server"


def _option(kind: Any, *names: str, help: str, metavar: str | None = None) -> Any:
    return Annotated[kind, typer.Option(*names, metavar=metavar, help=help, rich_help_panel=SERVER)]


ACCESS_OPTIONS: dict[str, Any] = {
    "url": _option(
        str | None, "--url", "-u", metavar="URL", help="Address: http://host:8088, and the prefix of http.conf, if any."
    ),
    "user": _option(str | None, "--user", metavar="NAME", help="User of ari.conf."),
    "app": _option(str | None, "--app", "-a", metavar="NAME", help="Stasis app of your program."),
    "profile": _option(str | None, "--profile", "-p", metavar="NAME", help="Settings of this table of profiles.toml."),
    "ask_password": _option(bool, "--ask-password", help="Ask for the password."),
    "password_file": _option(Path | None, "--password-file", metavar="FILE", help="The password is its first line."),
    "ca_file": _option(Path | None, "--ca-file", metavar="FILE", help="Trust these certificates (PEM)."),
}


def command(app: typer.Typer, name: str, *, panel: str) -> Callable[[Callable[..., int | None]], Callable[..., None]]:
    """Make a function a command. One whose first parameter is `settings` gets the options that name the server.

    Its result is the exit status. An error of ARI is one line on standard error, Ctrl-C and a closed pipe end quietly.
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
        return app.command(name, rich_help_panel=panel)(run)

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
