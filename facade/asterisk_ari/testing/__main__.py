"""`python -m asterisk_ari.testing --port 8088`: an embedded Asterisk until Ctrl-C."""

import argparse
import secrets
import signal
import sys
import threading
from pathlib import Path
from typing import Any

from asterisk_ari.testing.config_file import read_config
from asterisk_ari.testing.control.server import ControlServer
from asterisk_ari.testing.embedded import RELEASE, EmbeddedAsterisk
from asterisk_ari.testing.server.access import is_loopback

PORT = 8088


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= 65535:
        raise argparse.ArgumentTypeError(f"{port} is not a port: 0 to 65535")
    return port


def _user(text: str) -> tuple[str, str]:
    name, colon, password = text.partition(":")
    if not name or not colon:
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME:PASSWORD")
    return name, password


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m asterisk_ari.testing", description=__doc__)
    parser.add_argument(
        "--config", type=Path, metavar="FILE", help="a TOML file with endpoints, dialplan, sounds …; arguments here go before it"
    )
    parser.add_argument("--host", help="address to listen on (default: 127.0.0.1)")
    parser.add_argument("--port", type=_port, help=f"port; 0 takes a free one (default: {PORT})")
    parser.add_argument("--release", help=f"the Asterisk to behave as (default: {RELEASE})")
    parser.add_argument("--reported-version", metavar="TEXT", help="what it says it is (default: the release)")
    parser.add_argument(
        "--user",
        action="append",
        type=_user,
        metavar="NAME:PASSWORD",
        help="a user of the server (default: asterisk:asterisk; with a new password where --host is reached from other machines)",
    )
    parser.add_argument("--dialplan", type=Path, help="an extensions.conf")
    parser.add_argument(
        "--virtual-time",
        action="store_true",
        default=None,
        help="time moves only when the control API says so: POST /control/advance",
    )
    parser.add_argument(
        "--control-port", type=_port, metavar="PORT", help="serve the control API, for tests in any language, on this port"
    )
    return parser


def _options(given: argparse.Namespace) -> dict[str, Any]:
    """Return the options of the file and the command line, the latter taking precedence."""
    options: dict[str, Any] = {"host": "127.0.0.1", "port": PORT, **(read_config(given.config) if given.config else {})}
    for name in ("host", "port", "release", "reported_version", "virtual_time", "control_port"):
        if getattr(given, name) is not None:
            options[name] = getattr(given, name)
    if given.user:
        options["users"] = dict(given.user)
    if given.dialplan:
        options["dialplan"] = given.dialplan.read_text(encoding="utf-8")
    return options


def _server(options: dict[str, Any]) -> tuple[EmbeddedAsterisk, str]:
    """Return the server, and its password if it was generated."""
    new_password = ""
    if not options.get("users"):
        new_password = "" if is_loopback(options["host"]) else secrets.token_urlsafe(12)
        options["users"] = {"asterisk": new_password or "asterisk"}
    return EmbeddedAsterisk(**options), new_password


def main(arguments: list[str] | None = None, name: str = "asterisk_ari.testing") -> int:
    """Serve until SIGINT or SIGTERM; `name` is the program name in error messages."""
    given = _parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        options = _options(given)
        faults, control_port = options.pop("faults", []), options.pop("control_port", None)
        if options.get("virtual_time") and control_port is None:
            raise ValueError("with virtual time nothing happens unless the control API says so: give --control-port")
        server, new_password = _server(options)
        server.start()
        control = None if control_port is None else ControlServer(server, control_port).start()
        for fault in faults:
            fault.begin(server.faults)
    except (OSError, ValueError) as error:
        print(f"{name}: {error}", file=sys.stderr)  # noqa: T201
        return 1
    password = f", password {new_password}" if new_password else ""
    where = f"Asterisk {server.release} (embedded) on {server.url}/ari, user {server.username}{password}"
    print(f"{where}; Ctrl-C ends it", flush=True)  # noqa: T201
    if control is not None:
        print(f"control API on {control.url}, same user; {control.url}/openapi.json describes it", flush=True)  # noqa: T201
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        if control is not None:
            control.stop()
        server.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
