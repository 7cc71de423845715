"""Run one check in this process and print what it found: `python -m tests.generated.run_check MODULE CHECK [ONLY]`.

Which package is checked is decided by PYTHONPATH, which definitions by the `SWAGGER` variable.
"""

import importlib
import json
import os
import sys
from pathlib import Path

from tests.generated.definitions import SWAGGER, load


def main() -> None:
    module, name, *only = sys.argv[1:]
    try:
        check = getattr(importlib.import_module(f"tests.generated.{module}"), name)
        problems = check(load(Path(os.environ.get("SWAGGER", SWAGGER))), *only)
    except Exception as error:
        problems = [f"{type(error).__name__}: {error}"]
    print(json.dumps(problems))


if __name__ == "__main__":
    main()
