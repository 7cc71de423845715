"""`python -m asterisk_ari.testing --port 8088`: an embedded Asterisk until Ctrl-C."""

import argparse
import secrets
import signal
import sys
import threading
from pathlib import Path

from asterisk_ari.testing.embedded import RELEASE, EmbeddedAsterisk
from asterisk_ari.testing.server.access import is_loopback


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


def main(arguments: list[str] | None = None, name: str = "asterisk_ari.testing") -> int:
    """Serve until SIGINT or SIGTERM; `name` is the program's in its errors."""
    parser = argparse.ArgumentParser(prog="python -m asterisk_ari.testing", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=_port, default=8088, help="port; 0 takes a free one (default: %(default)s)")
    parser.add_argument("--release", default=RELEASE, help="the Asterisk to behave as (default: %(default)s)")
    parser.add_argument("--reported-version", metavar="TEXT", help="what it says it is (default: the release)")
    parser.add_argument(
        "--user",
        action="append",
        type=_user,
        metavar="NAME:PASSWORD",
        help="a user of the server (default: asterisk:asterisk; with a new password where --host is reached from other machines)",
    )
    parser.add_argument("--dialplan", type=Path, help="an extensions.conf")
    options = parser.parse_args(arguments)
    users = dict(options.user or [("asterisk", "asterisk" if is_loopback(options.host) else secrets.token_urlsafe(12))])
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        dialplan = options.dialplan.read_text(encoding="utf-8") if options.dialplan else None
        server = EmbeddedAsterisk(
            options.release,
            reported_version=options.reported_version,
            users=users,
            dialplan=dialplan,
            host=options.host,
            port=options.port,
        )
        server.start()
    except (OSError, ValueError) as error:
        print(f"{name}: {error}", file=sys.stderr)  # noqa: T201
        return 1
    user = next(iter(users))
    password = "" if options.user or is_loopback(options.host) else f", password {users[user]}"
    where = f"Asterisk {options.release} (embedded) on {server.url}/ari, user {user}{password}"
    print(f"{where}; Ctrl-C ends it", flush=True)  # noqa: T201
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        server.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
