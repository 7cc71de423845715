"""Prove that nothing was dropped on the way: counts per release, and the generated package against the facts."""

import ast
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from openapi_python_client.strings import snake_case

from scripts import child, prove
from scripts.errors import RegenerateError
from scripts.facts import Counts, Facts, count, event_types, models, operations
from scripts.json_shapes import all_fields
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


def package(facts: Facts, folder: Path, enumerations: Mapping[str, Sequence[str]]) -> None:
    """Refuse a package that lacks an operation or model, has one too many, does not import, or does not do what it says."""
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
    _prove(facts, folder, enumerations)


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


def _prove(facts: Facts, folder: Path, enumerations: Mapping[str, Sequence[str]]) -> None:
    leaves = set(event_types(facts))
    modules = [".".join((folder.name, *file.relative_to(folder).with_suffix("").parts)) for file in sorted(folder.rglob("*.py"))]
    wanted = {
        "package": folder.name,
        "modules": [name.removesuffix(".__init__") for name in modules],
        "operations": {name: item for name, item in operations(facts) if "websocket" not in item},
        "models": {
            name: {
                "class": class_name(name),
                "fields": {key: field for key, (_, field) in all_fields(facts, name).items()},
                "constant": {"type": name} if name in leaves else {},
            }
            for name, _ in models(facts)
        },
        "enumerations": {class_name(name): list(values) for name, values in enumerations.items()},
    }
    done = child.python("-B", "-W", "error", str(Path(prove.__file__)), text=json.dumps(wanted), folder=folder.parent)
    if done.returncode != 0:
        raise RegenerateError(f"the new client cannot be tried: {_last_line(done.stderr)}: see scripts/prove.py")
    result = json.loads(done.stdout)
    if result["import"]:
        raise RegenerateError(f"the new client does not import: {result['import']}: see scripts/openapi.py")
    if found := result["problems"]:
        more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
        raise RegenerateError(
            f"the new client does not do what the definitions say: {found[0][:300]}{more}: does a name or value of it get in the "
            "way of the generated code? See scripts/patches.py"
        )


def _last_line(text: str) -> str:
    return (text.strip().splitlines() or ["it said nothing"])[-1]
