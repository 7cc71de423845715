"""Checks of what importing the package costs; each returns the problems it found, one line each.

They unload and import again: run them in a process of their own (`run_check.py`).
"""

import importlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

from tests.generated.definitions import Definitions, Operation, item_type, pascal

Problems = list[str]
Check = Callable[[Definitions], Problems]


def _unload() -> None:
    for name in [name for name in sys.modules if name.startswith("ari_rest")]:
        del sys.modules[name]


def _loaded(prefix: str) -> dict[str, ModuleType]:
    return {name: module for name, module in sys.modules.items() if name.startswith(prefix) and module is not None}


def _classes(modules: dict[str, ModuleType]) -> Iterator[str]:
    for name, module in modules.items():
        yield from (key for key, value in vars(module).items() if isinstance(value, type) and value.__module__ == name)


def check_package_is_light(definitions: Definitions, only: str | None = None) -> Problems:
    """Importing the package, or its registry, imports no operation and no model."""
    problems = []
    for module in ("ari_rest", "ari_rest._meta", "ari_rest.models", "ari_rest.client"):
        _unload()
        importlib.import_module(module)
        more = [*_loaded("ari_rest.api"), *_loaded("ari_rest.models.")]
        problems += [f"import {module} imports {name}" for name in more]
    return problems


def check_operations_are_light(definitions: Definitions, only: str | None = None) -> Problems:
    """Importing an operation imports no other operation, and no models but its result, its body and their enumerations."""
    problems = []
    for name, operation in definitions.operations.items():
        if only is None or name == only:
            _unload()
            importlib.import_module(operation.module)
            packages = {"ari_rest.api", operation.module.rpartition(".")[0], operation.module}
            problems += [f"{name}: imports {other}" for other in sorted(_loaded("ari_rest.api").keys() - packages)]
            models = set(_classes(_loaded("ari_rest.models."))) - _own(definitions, operation)
            problems += [f"{name}: imports the model {model}" for model in sorted(models)]
    return problems


def _own(definitions: Definitions, operation: Operation) -> set[str]:
    own = {operation.enum(key) for key, item in operation.parameters.items() if "values" in item}
    own.add(operation.body_model or "")
    result, _ = item_type(operation.response)
    if result in definitions.models:
        own |= {result, *(pascal(result) + pascal(key) for key, item in definitions.fields(result).items() if "values" in item)}
    return own


def check_everything_imports(definitions: Definitions, only: str | None = None) -> Problems:
    """Every module of the package imports; run with `-W error`, without a warning either."""
    problems = []
    folder = Path(importlib.import_module("ari_rest").__file__ or "").parent
    for file in sorted(folder.rglob("*.py")):
        name = ".".join(("ari_rest", *file.relative_to(folder).with_suffix("").parts)).removesuffix(".__init__")
        try:
            importlib.import_module(name)
        except Exception as error:
            problems.append(f"{name}: {type(error).__name__}: {error}")
    return problems


CHECKS = (check_package_is_light, check_operations_are_light, check_everything_imports)
