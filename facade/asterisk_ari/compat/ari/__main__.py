"""`python -m asterisk_ari.compat.ari program.py`: run a program written for ari-py unchanged."""

import argparse
import runpy
import sys
from collections.abc import Sequence
from pathlib import Path

from asterisk_ari.compat.ari import install_alias
from asterisk_ari.compat.ari.client import Client
from asterisk_ari.compat.ari.wazo import WazoClient
from asterisk_ari.policies import Reconnect


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m asterisk_ari.compat.ari", description="Run a program that was written for ari-py: `import ari` works."
    )
    parser.add_argument(
        "--stasis-start",
        choices=("definitions", "channel"),
        help="what callbacks for the channels of a StasisStart get: what the server's definitions say (a dict since Asterisk 13),"
        " or a Channel that may be used as that dict too",
    )
    parser.add_argument("--no-reconnect", action="store_true", help="let run() raise when the event WebSocket is lost")
    parser.add_argument("--wazo", action="store_true", help="with the additions of Wazo's fork")
    parser.add_argument("program", help="the program")
    parser.add_argument("arguments", nargs=argparse.REMAINDER, help="its arguments")
    return parser


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the program named by the arguments; None: those of the command line."""
    options = _parser().parse_args(arguments)
    install_alias(
        client_class=WazoClient if options.wazo else Client,
        reconnect=Reconnect(enabled=False) if options.no_reconnect else None,
        stasis_start=options.stasis_start,
    )
    program = Path(options.program)
    if not program.is_file():
        sys.exit(f"there is no program {options.program}")
    sys.argv = [options.program, *options.arguments]
    sys.path[0] = str(program.resolve().parent)
    try:
        runpy.run_path(str(program), run_name="__main__")
    except SyntaxError as error:
        if error.filename != str(program):
            raise
        sys.exit(
            f"{program}:{error.lineno}: {error.msg}: a program for Python 2 must be brought to Python 3 first"
            " (print(…), `except … as …`); ari itself may stay as it is"
        )


if __name__ == "__main__":
    main()
