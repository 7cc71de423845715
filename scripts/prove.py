"""Drive a generated package: does each operation send what it is given, does each model keep what it is made from?

Run as a program in the package's folder, with what it must do on its input. Names that get in each other's way (a parameter
called like a variable of the generated function, say) compile and import, and would only be found by whoever calls them.
"""

import asyncio
import importlib
import inspect
import json
import sys
from collections.abc import Callable, Iterator
from functools import partial
from types import SimpleNamespace
from typing import Any

PRIMITIVES: dict[str, Any] = {
    "int": 7,
    "long": 7,
    "double": 1.5,
    "float": 1.5,
    "boolean": True,
    "Date": "2025-01-01T12:00:00.123+0000",
    "object": {"free": "form"},
    "containers": {"free": "form"},
}
DEPTH = 4  # models may hold each other without end
Json = dict[str, Any]


def problems(wanted: Json) -> list[str]:
    """One line for each element that does not do what it says."""
    meta, models = (importlib.import_module(f"{wanted['package']}.{name}") for name in ("_meta", "models"))
    found: list[str] = []
    for name, operation in wanted["operations"].items():
        answer = _answer(wanted, operation["response"])
        found += _guarded(name, partial(_operation, meta.OPERATIONS[name], models, operation, answer))
    for name, model in wanted["models"].items():
        found += _guarded(name, partial(_model, getattr(models, model["class"]), _sample(wanted, name)))
    for name, values in wanted["enumerations"].items():
        found += _guarded(name, partial(_enumeration, getattr(models, name), values))
    return found


def _guarded(name: str, check: Callable[[], Iterator[str]]) -> list[str]:
    try:
        return [f"{name}: {problem}" for problem in check()]
    except Exception as error:  # noqa: BLE001 - whatever goes wrong is what is asked for
        return [f"{name}: {type(error).__name__}: {error}"]


def _differs(found: object, expected: object) -> Iterator[str]:
    if found != expected:
        yield f"{found!r} instead of {expected!r}"


# --- operations ---------------------------------------------------------------------------------------------------------


def _value(item: Json) -> Any:
    return [f"v-{item['name']}"] if item["multiple"] else PRIMITIVES.get(item["type"], f"v-{item['name']}")


def _answer(wanted: Json, response: str) -> Any:
    """What a server may answer; None where that is no JSON of a model."""
    inner = response.removeprefix("List[").removesuffix("]")
    if inner not in wanted["models"]:
        return None
    return [_sample(wanted, inner)] if inner != response else _sample(wanted, inner)


def _operation(record: Any, models: Any, operation: Json, answer: Any) -> Iterator[str]:
    arguments: Json = {}
    expected = {"method": operation["method"].lower(), "url": operation["path"], "params": {}, "json": None}
    body = {item["name"]: _value(item) for item in operation["parameters"] if item["location"] == "body"}
    if body:
        expected["json"] = body if record.body else next(iter(body.values()))
        arguments["body"] = getattr(models, record.body).from_dict(body) if record.body else expected["json"]
    for item in operation["parameters"]:
        if item["location"] == "body":
            continue
        value = arguments[record.params[item["name"]].python_name] = _value(item)
        if item["location"] == "path":
            expected["url"] = expected["url"].replace(f"{{{item['name']}}}", str(value))
        else:
            expected["params"][item["name"]] = ",".join(value) if item["multiple"] else value
    module = importlib.import_module(record.module)
    for call in (module.sync_detailed, module.asyncio_detailed):
        sent, parsed = _called(call, arguments, answer)
        yield from _differs({key: sent.get(key, {} if key == "params" else None) for key in expected}, expected)
        if answer is not None:
            items = parsed if isinstance(parsed, list) else [parsed]
            found = [item.to_dict() if hasattr(item, "to_dict") else item for item in items]
            yield from _differs(found, answer if isinstance(answer, list) else [answer])


def _called(function: Any, arguments: Json, answer: Any) -> tuple[Json, Any]:
    """What a function sends, and what it makes of the answer."""
    requests: list[Json] = []
    reply = SimpleNamespace(status_code=500 if answer is None else 200, content=b"", headers={}, json=lambda: answer)

    def request(**kwargs: Any) -> Any:
        requests.append(kwargs)
        return reply

    async def request_later(**kwargs: Any) -> Any:
        return request(**kwargs)

    client = SimpleNamespace(raise_on_unexpected_status=False)
    client.get_httpx_client = lambda: SimpleNamespace(request=request)
    client.get_async_httpx_client = lambda: SimpleNamespace(request=request_later)
    result = function(client=client, **arguments)
    done = asyncio.run(result) if inspect.iscoroutine(result) else result
    return requests[0], done.parsed


# --- models -------------------------------------------------------------------------------------------------------------


def _sample(wanted: Json, name: str, depth: int = 0) -> Json:
    found: Json = {}
    for key, field in wanted["models"][name]["fields"].items():
        inner = field["type"].removeprefix("List[").removesuffix("]")
        if inner in wanted["models"]:
            if depth == DEPTH and not field["required"]:
                continue
            value: Any = _sample(wanted, inner, depth + 1)
        else:
            value = PRIMITIVES.get(inner, f"v-{key}")
        found[key] = [value] if inner != field["type"] else value
    return {**found, **wanted["models"][name]["constant"]}


def _model(model: Any, sample: Json) -> Iterator[str]:
    yield from _differs(model.from_dict(sample).to_dict(), sample)
    yield from _differs(model.from_dict({**sample, "of another release": 1}).additional_properties, {"of another release": 1})


def _enumeration(enumeration: Any, values: list[str]) -> Iterator[str]:
    yield from _differs(sorted(map(str, enumeration)), sorted(set(values)))


def import_problem(modules: list[str]) -> str | None:
    """Why one of the modules cannot be imported; a warning is a reason, as Python is run here."""
    for name in modules:
        try:
            importlib.import_module(name)
        except Exception as error:  # noqa: BLE001 - whatever goes wrong is what is asked for
            return f"{type(error).__name__}: {error}"
    return None


if __name__ == "__main__":
    sys.path.insert(0, "")
    given = json.loads(sys.stdin.read())
    failure = import_problem(given["modules"])
    print(json.dumps({"import": failure, "problems": [] if failure else problems(given)}))
