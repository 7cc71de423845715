"""What a new set of facts changes for callers: a list of lines, breaking ones marked. Pure."""

import re
from collections.abc import Mapping
from typing import Any

from scripts.facts import Facts, models, operations

OTHERWISE = re.compile(r"! (operation|parameter|field) [^:]+: (method|path|response|type|location) ")


def changes(old: Facts, new: Facts) -> list[str]:
    """Lines such as `+ operation channels.progress` and `! parameter channels.mute(direction): required`; `!` breaks callers."""
    return _operations(old, new) + _models(old, new) + _events(old, new)


def is_breaking(line: str) -> bool:
    return line.startswith("!")


def disagreements(release: Facts, union: Facts) -> list[str]:
    """Where the client, which follows the newest release, is not what this one says: it will not do for its servers."""
    return [line.removeprefix("! ") for line in changes(release, union) if OTHERWISE.match(line)]


def _operations(old: Facts, new: Facts) -> list[str]:
    before, after = dict(operations(old)), dict(operations(new))
    lines = _added_and_removed("operation", before, after)
    for name in before.keys() & after.keys():
        was, now = before[name], after[name]
        for key in ("method", "path", "response"):
            if was[key] != now[key]:
                lines.append(f"! operation {name}: {key} {was[key]} -> {now[key]}")
        if was["errors"] != now["errors"]:
            lines.append(f"~ operation {name}: error codes {was['errors']} -> {now['errors']}")
        mine = {item["name"]: item for item in was["parameters"]}
        theirs = {item["name"]: item for item in now["parameters"]}
        for parameter in theirs.keys() - mine.keys():
            mark = "!" if theirs[parameter]["required"] else "+"
            lines.append(f"{mark} parameter {name}({parameter}){': required' if mark == '!' else ''}")
        lines += [f"! parameter {name}({parameter}) is gone" for parameter in mine.keys() - theirs.keys()]
        for parameter in mine.keys() & theirs.keys():
            lines += _details(f"parameter {name}({parameter})", mine[parameter], theirs[parameter], breaks_when_required=True)
    return _sorted(lines)


def _models(old: Facts, new: Facts) -> list[str]:
    before, after = dict(models(old)), dict(models(new))
    lines = _added_and_removed("model", before, after)
    for name in before.keys() & after.keys():
        mine, theirs = before[name]["fields"], after[name]["fields"]
        lines += _added_and_removed("field", {f"{name}.{key}": 0 for key in mine}, {f"{name}.{key}": 0 for key in theirs})
        for field in mine.keys() & theirs.keys():
            lines += _details(f"field {name}.{field}", mine[field], theirs[field], breaks_when_required=False)
    return _sorted(lines)


def _events(old: Facts, new: Facts) -> list[str]:
    before = dict(models(old)).get("Event", {"fields": {}}).get("subtypes", [])
    after = dict(models(new)).get("Event", {"fields": {}}).get("subtypes", [])
    return _sorted(_added_and_removed("event", dict.fromkeys(before), dict.fromkeys(after)))


def _added_and_removed(kind: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    added = [f"+ {kind} {name}" for name in after.keys() - before.keys()]
    return added + [f"! {kind} {name} is gone" for name in before.keys() - after.keys()]


def _details(what: str, was: Mapping[str, Any], now: Mapping[str, Any], *, breaks_when_required: bool) -> list[str]:
    lines = []
    for key in sorted((was.keys() | now.keys()) - {"name", "values"}):
        if was.get(key) == now.get(key):
            continue
        # A parameter that becomes required breaks callers; a field breaks readers when it may be absent from now on.
        harmless = key == "default" or (key == "required" and bool(now.get(key)) is not breaks_when_required)
        lines.append(f"{'~' if harmless else '!'} {what}: {key} {was.get(key)!r} -> {now.get(key)!r}")
    mine, theirs = was.get("values", []), now.get("values", [])
    lines += [f"+ value {what.split(' ', 1)[1]} = {value}" for value in theirs if value not in mine]
    lines += [f"! value {what.split(' ', 1)[1]} = {value} is gone" for value in mine if value not in theirs]
    return lines


def _sorted(lines: list[str]) -> list[str]:
    return sorted(lines, key=lambda line: line[2:])
