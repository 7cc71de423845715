"""Prove that nothing was dropped on the way: counts per release, and the generated package against the facts."""

import ast
from pathlib import Path

from openapi_python_client.strings import snake_case

from scripts import child
from scripts.errors import RegenerateError
from scripts.facts import Counts, Facts, count, event_types, models, operations
from scripts.openapi import body_name, class_name, has_body_model, module_name

COLUMNS = ("paths", "operations", "parameters", "path", "query", "body", "models", "fields", "events")


def table(releases: list[Facts]) -> str:
    """Counts of each release, one line each."""
    rows = [("release", *COLUMNS)] + [(item["release"], *map(str, _row(count(item)))) for item in releases]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join("  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)


def _row(counts: Counts) -> tuple[int, ...]:
    return (
        counts["paths"],
        counts["operations"],
        counts["parameters"],
        counts["path_parameters"],
        counts["query_parameters"],
        counts["body_parameters"],
        counts["models"],
        counts["fields"],
        counts["events"],
    )


def package(facts: Facts, folder: Path) -> None:
    """Refuse a package that lacks an operation or model, has one too many, or does not compile and import."""
    expected = {
        f"api/{snake_case(name.split('.')[0])}/{module_name(*name.split('.'))}.py"
        for name, operation in operations(facts)
        if "websocket" not in operation
    }
    found = {str(file.relative_to(folder)) for file in (folder / "api").rglob("*.py") if file.name != "__init__.py"}
    if expected != found:
        gone, more = sorted(expected - found), sorted(found - expected)
        raise RegenerateError(f"the generator dropped {gone or 'nothing'}, invented {more or 'nothing'}: see scripts/openapi.py")
    _check_models(facts, folder)
    for file in sorted(folder.rglob("*.py")):
        try:
            ast.parse(file.read_text(encoding="utf-8"), str(file))
        except SyntaxError as error:
            raise RegenerateError(f"{file.relative_to(folder)} does not compile ({error}): see scripts/openapi.py") from error
    _import_everything(folder)


def _check_models(facts: Facts, folder: Path) -> None:
    wanted = {class_name(name) for name, _ in models(facts)}
    for name, operation in operations(facts):
        if has_body_model(operation):
            wanted.add(class_name(body_name(*name.split("."))))
    classes = {
        node.name
        for file in (folder / "models").glob("*.py")
        for node in ast.parse(file.read_text(encoding="utf-8")).body
        if isinstance(node, ast.ClassDef)
    }
    if wanted - classes:
        raise RegenerateError(f"the generator dropped the models {sorted(wanted - classes)}: see scripts/openapi.py")
    missing = set(event_types(facts)) - classes
    if missing:
        raise RegenerateError(f"events without a model of their own name: {sorted(missing)}: see scripts/openapi.py")


def _import_everything(folder: Path) -> None:
    modules = [
        ".".join((folder.name, *file.relative_to(folder).with_suffix("").parts)).removesuffix(".__init__")
        for file in sorted(folder.rglob("*.py"))
    ]
    code = "import importlib, sys\nfor name in sys.argv[1:]: importlib.import_module(name)"
    done = child.python("-B", "-W", "error", "-c", code, *modules, folder=folder.parent)
    if done.returncode != 0:
        raise RegenerateError(f"the new client does not import: {done.stderr.strip().splitlines()[-1]}: see scripts/openapi.py")
