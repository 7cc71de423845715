"""One candidate in a process of its own: `python -m scripts.bench.client rest_clients.urllib3 '{"port": 1234}'`."""

import json
import sys
from importlib import import_module

from scripts.bench.load import Load


def main(arguments: list[str]) -> int:
    """Run it and print what it measured."""
    module, _, name = arguments[0].partition(".")
    found = getattr(import_module(f"scripts.bench.{module}"), name)(Load(**json.loads(arguments[1])))
    print(json.dumps(found), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
