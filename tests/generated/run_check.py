"""Runs checks for `tests.generated.mutants.problems`: one JSON request a line on stdin, the problems found on stdout.

Each check has a process of its own, a fork of this one, which has imported what checks need and nothing of the generated
package: as fresh as a Python started for it, without the half second that takes.
"""

import importlib
import json
import os
import sys
from pathlib import Path
from typing import Any

from tests.generated import client_checks, import_checks, model_checks, operation_checks, registry_checks
from tests.generated.definitions import SWAGGER, load

MODULES = {module.__name__.rpartition(".")[2]: module for module in (client_checks, import_checks, model_checks, operation_checks, registry_checks)}
COMMITTED = load(SWAGGER)


def run(request: dict[str, Any]) -> list[str]:
    """What the check finds in the package of that folder; an exception is a finding too."""
    sys.path.insert(0, request["package"])
    importlib.invalidate_caches()
    try:
        swagger = Path(request["swagger"])
        definitions = COMMITTED if swagger == SWAGGER else load(swagger)
        check = getattr(MODULES[request["module"]], request["check"])
        problems: list[str] = check(definitions, *request["only"])
    except Exception as error:
        return [f"{type(error).__name__}: {error}"]
    return problems


def main() -> None:
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            print(json.dumps(run(json.loads(line))), flush=True)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        if status != 0:
            print(json.dumps([f"the check ended with status {status}"]), flush=True)


if __name__ == "__main__":
    main()
