"""`asterisk-ari`, or `python -m asterisk_ari`: what to install where the parts of the command line are missing."""

import sys
from importlib.util import find_spec

NEEDED = ("typer", "rich")


def main(arguments: list[str] | None = None) -> int:
    """Run the command line, and return its exit status."""
    given = sys.argv[1:] if arguments is None else arguments
    if given == ["--version"]:  # answered before anything that takes time to import
        from asterisk_ari import __version__

        print(f"asterisk-ari {__version__}")  # noqa: T201
        return 0
    if missing := [name for name in NEEDED if find_spec(name) is None]:
        text = f"asterisk-ari: the command line needs {' and '.join(missing)}: pip install 'asterisk-ari[cli]'"
        print(text, file=sys.stderr)  # noqa: T201
        return 1
    from asterisk_ari.cli.application import run

    return run(given)


if __name__ == "__main__":
    sys.exit(main())
