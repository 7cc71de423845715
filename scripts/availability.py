"""Which release of each branch is the first to have an element: `swagger/availability.json`.

`python -m scripts.availability FOLDER` reads the definitions of every release in FOLDER (one folder each) and prints where
the table disagrees with them; `--write` replaces the table by the one computed from them alone, so give all final releases.
Releases added to `swagger/` later fill in what the table cannot know yet. The `since` lists inside the definitions are not
used: some of them are wrong.
"""

import argparse
import json
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from scripts import download
from scripts.errors import RegenerateError
from scripts.facts import Facts, models, operations, release_key

ROOT = Path(__file__).resolve().parent.parent

Branches = dict[str, str]
Availability = dict[str, dict[str, Branches]]

FINAL = re.compile(r"\d+\.\d+\.\d+\Z")


def load(swagger: Path) -> Availability:
    file = swagger / "availability.json"
    try:
        found: Availability = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise RegenerateError(f"{file} is not JSON ({error}): restore it from version control") from error
    return found


def dump(availability: Availability) -> str:
    """The text of `availability.json`: one element a line."""
    kinds = (
        f"{json.dumps(kind)}: {{\n"
        + ",\n".join(f"  {json.dumps(key)}: {json.dumps(branches)}" for key, branches in items.items())
        + "\n}"
        for kind, items in availability.items()
    )
    return "{\n" + ",\n".join(kinds) + "\n}\n"


def elements(facts: Facts) -> Iterator[tuple[str, str]]:
    """Every element of a release as `(kind, key)`, named as `availability.json` names them."""
    for _, operation in operations(facts):
        call = f"{operation['method']} {operation['path']}"
        yield "ops", call
        for parameter in operation["parameters"]:
            yield "params", f"{call} :: {parameter['name']}"
            for value in parameter.get("values", ()):
                yield "enum_values", f"{call} :: {parameter['name']} = {value}"
        for code in operation["errors"]:
            yield "errs", f"{call} :: {code}"
    for name, model in models(facts):
        yield "models", name
        for field_name, field in model["fields"].items():
            yield "fields", f"{name}.{field_name}"
            for value in field.get("values", ()):
                yield "enum_values", f"{name}.{field_name} = {value}"
        for subtype in model.get("subtypes", ()) if name == "Event" else ():
            yield "events", subtype


def extend(known: Availability, releases: Sequence[Facts]) -> Availability:
    """Add what the given releases prove: an element they have is there at the latest from then on in their branch."""
    extended: Availability = {kind: {key: dict(branches) for key, branches in items.items()} for kind, items in known.items()}
    for facts in releases:
        release = facts["release"]
        branch = release.split(".")[0]
        for kind, key in elements(facts):
            branches = extended.setdefault(kind, {}).setdefault(key, {})
            if not FINAL.match(release):
                continue  # a certified or GIT build says nothing about the branch's releases
            if branch not in branches or release_key(release) < release_key(branches[branch]):
                branches[branch] = release
    return {kind: {key: _ordered(items[key]) for key in sorted(items)} for kind, items in sorted(extended.items())}


def _ordered(branches: Branches) -> Branches:
    return dict(sorted(branches.items(), key=lambda item: int(item[0])))


def disagreements(known: Availability, releases: Sequence[Facts]) -> Iterator[str]:
    """Where a table and the definitions of some releases cannot both be right, one line each.

    The definitions of all releases of a branch leave one table possible; those of some leave what other releases decide.
    """
    for facts in releases:
        release = facts["release"]
        branch = release.split(".")[0]
        has = set(elements(facts))
        for kind, key in sorted(has):
            first = known.get(kind, {}).get(key, {}).get(branch)
            if first is None or release_key(release) < release_key(first):
                says = f"from {first} on" if first else "in no release of the branch"
                yield f"{kind}: {key} is in {release}, the table says {says}"
        for kind, items in known.items():
            for key, branches in items.items():
                if branches.get(branch) == release and (kind, key) not in has:
                    yield f"{kind}: {key} is not in {release}, the table says it is the first to have it"


def read_releases(folder: Path) -> list[Facts]:
    """The definitions of every final release that has a folder in this one."""
    if not folder.is_dir():
        raise RegenerateError(f"{folder} is no folder: give one that holds a folder of definitions for each release")
    found = [download.from_folder(item) for item in sorted(folder.iterdir()) if (item / "resources.json").exists()]
    final = [facts for facts in found if FINAL.match(facts["release"])]
    if not final:
        raise RegenerateError(f"{folder} holds no definitions of a final release: is there FOLDER/asterisk-X.Y.Z/resources.json?")
    return sorted(final, key=lambda facts: release_key(facts["release"]))


def main(arguments: list[str] | None = None, root: Path = ROOT) -> int:
    """Compare or recompute; 1 when the table is wrong or cannot be read."""
    parser = argparse.ArgumentParser(prog="python -m scripts.availability")
    parser.add_argument(
        "folder", type=Path, help="holds a folder of definitions for each release: asterisk-X.Y.Z/resources.json, …"
    )
    parser.add_argument("--write", action="store_true", help="replace the table by the one computed from these releases alone")
    options = parser.parse_args(arguments)
    try:
        releases = read_releases(options.folder)
        if options.write:
            (root / "swagger" / "availability.json").write_text(dump(extend({}, releases)), encoding="utf-8")
            print(f"swagger/availability.json is computed from {len(releases)} releases: run `nox -s regenerate` now")
            return 0
        found = list(disagreements(load(root / "swagger"), releases))
    except (RegenerateError, OSError) as error:
        print(f"availability: {error}", file=sys.stderr)
        return 1
    for line in found:
        print(line, file=sys.stderr)
    print(f"{len(found)} disagreements with {len(releases)} releases, {releases[0]['release']} to {releases[-1]['release']}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
