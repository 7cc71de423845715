"""The command `doctor`."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from asterisk_ari._transport.http.response_parser import body_limit
from asterisk_ari.cli.command import command
from asterisk_ari.cli.doctor import access_checks, event_checks, file_checks, media_checks, server_checks
from asterisk_ari.cli.doctor.facts import ServerFacts
from asterisk_ari.cli.doctor.features import ALL, OPTIONAL
from asterisk_ari.cli.doctor.finding import Finding, exit_status
from asterisk_ari.cli.doctor.probe import ProbeOptions, probe
from asterisk_ari.cli.doctor.report import show
from asterisk_ari.cli.output import output, print_json, standard_error
from asterisk_ari.settings import Settings

MAX_RESPONSE_BYTES = 16 * 1024 * 1024  # a list of 50,000 endpoints fits

CHECKS: tuple[Callable[[ServerFacts], list[Finding]], ...] = (
    server_checks.check_release,
    server_checks.check_modules,
    server_checks.check_clock,
    server_checks.check_limits,
    server_checks.check_app,
    server_checks.check_endpoints,
    server_checks.check_sounds,
    server_checks.check_origins,
    event_checks.check_events,
    media_checks.check_media,
    media_checks.check_codecs,
)


def judge(facts: ServerFacts) -> list[Finding]:
    """All findings; if ARI does not answer, only the reason and the faults in the files."""
    findings = access_checks.check_access(facts)
    if facts.error is None:
        findings += [finding for check in CHECKS for finding in check(facts)]
    return findings + file_checks.check_files(facts) + media_checks.check_outbound(facts)


def _features(names: list[str]) -> list[str]:
    if unknown := [name for name in names if name not in ALL]:
        raise typer.BadParameter(f"{unknown[0]} is not one of {', '.join(ALL)}")
    return names


def _features_with(incomplete: str) -> list[str]:
    return [name for name in ALL if name.startswith(incomplete)]


Needed = Annotated[
    list[str],
    typer.Option(
        "--need",
        metavar="FEATURE",
        callback=_features,
        autocompletion=_features_with,
        help=f"A feature that your program needs: {', '.join(one.name for one in OPTIONAL)}.",
    ),
]

Endpoints = Annotated[
    list[str], typer.Option("--endpoint", metavar="PJSIP/NAME", help="Check that this endpoint exists and is online.")
]

Origins = Annotated[list[str], typer.Option("--origin", metavar="URL", help="Check that web pages from there may use ARI.")]


def doctor(
    settings: Settings,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document instead of lines.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print only what is wrong.")] = False,
    need: Needed = [],  # noqa: B006
    endpoint: Endpoints = [],  # noqa: B006
    sound: Annotated[list[str], typer.Option("--sound", metavar="NAME", help="Check that this sound is installed.")] = [],  # noqa: B006
    origin: Origins = [],  # noqa: B006
    etc: Annotated[
        Path | None,
        typer.Option("--etc", metavar="DIR", help="Check Asterisk's files in this folder too, such as /etc/asterisk."),
    ] = None,
    call: Annotated[
        bool, typer.Option("--call/--no-call", help="Have the server place a short test call to itself, through an app.")
    ] = True,
    media: Annotated[
        bool, typer.Option("--media", help="Send a sound over each media transport and listen for its echo.")
    ] = False,
    wait: Annotated[
        float, typer.Option("--wait", metavar="SECONDS", min=0.1, help="How long to wait for each response and each event.")
    ] = 5.0,
) -> int:
    """Find out what is wrong with an Asterisk server, and how to correct it.

    Requests everything that a program needs, opens the event WebSocket, and has the server place a short test call to itself
    in an app of the doctor's own; nothing is left behind. Each finding says what is wrong, why it matters, and which lines in
    which file correct it.

    Exit status: 0 nothing is wrong, 1 warnings, 2 faults, 70 an internal error of doctor.

    Examples:
        asterisk-ari doctor --url http://pbx:8088 --user ops --ask-password
        asterisk-ari doctor --app ivr --endpoint PJSIP/alice --media
    """
    options = ProbeOptions(need, endpoint, sound, origin, etc, places_call=call, tries_media=media, wait_seconds=wait)
    with standard_error().status("") as status, body_limit(MAX_RESPONSE_BYTES):
        facts = probe(settings, options, status.update)
    findings = judge(facts)
    status_code = exit_status(findings)
    if as_json:
        entries = [finding.to_json() for finding in findings]
        known = {"server": settings.base_url, "user": settings.username, "app": settings.app_name, "version": facts.version}
        print_json({**known, "status": status_code, "findings": entries})
    else:
        show(findings, output(), quiet=quiet)
    return status_code


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    command(app, "doctor", panel="Find faults")(doctor)
