"""Checks of every operation of the package against the definitions; each returns the problems it found, one line each.

They are functions rather than tests so that `test_the_checks_bite.py` can aim them at damaged packages.
"""

import importlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

from tests.generated.calls import Calls, Json, calling
from tests.generated.definitions import Definitions, Operation, item_type, python_name, snake
from tests.servers.script import ReceivedRequest

HOSTILE_ID = "x/y +#?%é&;\"'..-{}"
HOSTILE_TEXT = "é&=+ /?#%,;"
AWKWARD = ('a"b', "a\\b", "a,b", "(a", "a)", "[a", "a]", "tone:400/250,0/250")
MAX_LIST_VALUES = 128
Problems = list[str]
Check = Callable[[Definitions], Problems]


def _each(definitions: Definitions, only: str | None, body: Callable[[Calls, Operation], Iterator[str]]) -> Problems:
    """Run a check for each operation; an exception is a problem of that operation, not the end of the check."""
    problems = []
    with calling() as calls:
        for name, operation in definitions.operations.items():
            if only is None or name == only:
                try:
                    for problem in body(calls, operation):
                        problems.append(f"{name}: {problem}")
                except Exception as error:
                    problems.append(f"{name}: {type(error).__name__}: {error}")
    return problems


@dataclass(frozen=True)
class Expected:
    """The request that a call must become: `path` encoded, `query` and `body` decoded."""

    method: str
    path: str
    query: dict[str, str]
    body: Any


def _ids(operation: Operation) -> Json:
    return {name: f"{HOSTILE_ID}{name}" for name in operation.at("path")}


def _path(operation: Operation, ids: Json) -> str:
    path = operation.path
    for name, value in ids.items():
        path = path.replace(f"{{{name}}}", quote(value, safe=""))
    return f"/ari{path}"


def _query_value(name: str, item: Json, variant: int) -> tuple[Any, str]:
    """A value for a query parameter, and its text in the request."""
    values = item.get("values")
    if item["multiple"]:
        several = [f"one {name}", "two/é", " three "] if not values else list(values)
        return several, ",".join(several)
    if item["type"] == "boolean":
        return bool(variant % 2), "true" if variant % 2 else "false"
    if item["type"] in ("int", "long"):
        number = item.get("minimum", 0) if variant == 0 else 4242 + variant
        return number, str(number)
    if values:
        return values[variant % len(values)], values[variant % len(values)]
    text = "" if variant == 1 else f"{name} {HOSTILE_TEXT}"
    return text, text


def _body_value(item: Json) -> Any:
    if item["type"] == "string":
        return "hello é"
    if item["name"] == "fields":
        return [{"attribute": "max_contacts", "value": "2"}]
    if item["name"] == "filter":
        return {"allowed": [{"type": "StasisStart"}], "disallowed": []}
    return {"CALLERID(name)": "é,b", "X": ""}


def _body(operation: Operation, *, only_required: bool = False) -> tuple[Json, Any]:
    """The `body` argument, and the JSON it must become."""
    given = {name: item for name, item in operation.at("body").items() if item["required"] or not only_required}
    if not given:
        return {}, None
    if operation.body_model is None:
        (value,) = (_body_value(item) for item in given.values())
        return {"body": value}, value
    content = {name: _body_value(item) for name, item in given.items()}
    model = getattr(importlib.import_module("ari_rest.models"), operation.body_model)
    return {"body": model.from_dict(content)}, content


def _arguments(operation: Operation, variant: int = 0, *, only_required: bool = False) -> tuple[Json, Expected]:
    """Arguments of a call, and the request they must become."""
    ids = _ids(operation)
    body, content = _body(operation, only_required=only_required)
    arguments = {python_name(name): value for name, value in ids.items()} | body
    query = []
    for name, item in operation.at("query").items():
        if item["required"] or not only_required:
            arguments[python_name(name)], text = _query_value(name, item, variant)
            query.append((name, text))
    return arguments, Expected(operation.method, _path(operation, ids), dict(query), content)


def _compare(expected: Expected, actual: ReceivedRequest) -> Iterator[str]:
    if expected.method != actual.method:
        yield f"method {actual.method}, not {expected.method}"
    if expected.path != actual.path:
        yield f"path {actual.path}, not {expected.path}"
    mine, theirs = expected.query, actual.query
    for key in sorted(theirs.keys() - mine.keys()):
        yield f"query {key}={theirs[key]} was sent though nobody gave it"
    for key in sorted(mine.keys() - theirs.keys()):
        yield f"query {key} was not sent"
    for key in sorted(mine.keys() & theirs.keys()):
        if mine[key] != theirs[key]:
            yield f"query {key}={theirs[key]!r}, not {mine[key]!r}"
    if len(theirs) != len(actual.query_pairs):
        yield "a query key was sent twice"
    if expected.body != actual.body:
        yield f"body {actual.content!r}, not {expected.body!r}"
    content_type = actual.headers.get("content-type")
    if actual.content and content_type != "application/json":
        yield f"content type {content_type}: the server ignores the body"


# --- requests -----------------------------------------------------------------------------------------------------------


def check_modules(definitions: Definitions, only: str | None = None) -> Problems:
    """Each operation has its module, and there is no other."""
    folder = Path(importlib.import_module("ari_rest.api").__file__ or "").parent
    found = {f"ari_rest.api.{file.parent.name}.{file.stem}" for file in folder.glob("*/*.py") if file.name != "__init__.py"}
    expected = {operation.module for operation in definitions.operations.values()}
    problems = [f"{module}: missing" for module in sorted(expected - found)]
    problems += [f"{module}: belongs to no operation" for module in sorted(found - expected)]
    for module in sorted(expected & found):
        lacking = {"sync_detailed", "asyncio_detailed"} - vars(importlib.import_module(module)).keys()
        problems += [f"{module}: lacks {name}" for name in sorted(lacking)]
    return problems


def check_full_requests(definitions: Definitions, only: str | None = None) -> Problems:
    """Everything a caller gives arrives where and as the server reads it, whatever characters it holds."""

    def check(calls: Calls, operation: Operation) -> Iterator[str]:
        choices = [len(item.get("values", ())) for item in operation.at("query").values()]
        for variant in range(max([2, *choices])):
            arguments, expected = _arguments(operation, variant)
            actual, _ = calls.call(operation, arguments)
            yield from _compare(expected, actual)

    return _each(definitions, only, check)


def check_minimal_requests(definitions: Definitions, only: str | None = None) -> Problems:
    """A call with nothing but what is required sends nothing else: no default, no empty body."""

    def check(calls: Calls, operation: Operation) -> Iterator[str]:
        arguments, expected = _arguments(operation, only_required=True)
        actual, _ = calls.call(operation, arguments)
        yield from _compare(expected, actual)

    return _each(definitions, only, check)


def check_enum_arguments(definitions: Definitions, only: str | None = None) -> Problems:
    """A known value may be given as a member of its enumeration, and a value nobody knows as text."""

    def check(calls: Calls, operation: Operation) -> Iterator[str]:
        models = importlib.import_module("ari_rest.models")
        for name, item in operation.at("query").items():
            if "values" not in item:
                continue
            members = getattr(models, operation.enum(name))
            for given, text in [*((members(value), value) for value in item["values"]), ("brand new", "brand new")]:
                arguments, expected = _arguments(operation, only_required=True)
                arguments[python_name(name)] = [given] if item["multiple"] else given
                actual, _ = calls.call(operation, arguments)
                yield from _compare(replace(expected, query={**expected.query, name: text}), actual)

    return _each(definitions, only, check)


def check_awkward_lists(definitions: Definitions, only: str | None = None) -> Problems:
    """A list with a value the server would split or unquote travels as an array in the JSON body, beside the body's keys."""

    def check(calls: Calls, operation: Operation) -> Iterator[str]:
        for name in (name for name, item in operation.at("query").items() if item["multiple"]):
            for value in AWKWARD:
                arguments, expected = _arguments(operation)
                arguments[python_name(name)] = ["plain", value]
                actual, _ = calls.call(operation, arguments)
                query = {key: text for key, text in expected.query.items() if key != name}
                body = {**(expected.body or {}), name: ["plain", value]}
                yield from _compare(replace(expected, query=query, body=body), actual)

    return _each(definitions, only, check)


def check_list_limit(definitions: Definitions, only: str | None = None) -> Problems:
    """128 values of a list are sent; one more is refused before anything is sent, since the server would drop it."""

    def check(calls: Calls, operation: Operation) -> Iterator[str]:
        for name in (name for name, item in operation.at("query").items() if item["multiple"]):
            arguments, _ = _arguments(operation, only_required=True)
            arguments[python_name(name)] = ["v"] * MAX_LIST_VALUES
            actual, _ = calls.call(operation, arguments)
            if actual.query.get(name) != ",".join(["v"] * MAX_LIST_VALUES):
                yield f"{name}: {MAX_LIST_VALUES} values are not sent"
            arguments[python_name(name)] = ["v"] * (MAX_LIST_VALUES + 1)
            yield from _refused(calls, operation, arguments, f"{name} with {MAX_LIST_VALUES + 1} values")

    return _each(definitions, only, check)


def check_bad_ids(definitions: Definitions, only: str | None = None) -> Problems:
    """Empty and dot ids, which would reach another operation, are refused before anything is sent."""

    def check(calls: Calls, operation: Operation) -> Iterator[str]:
        for name in operation.at("path"):
            for bad in ("", ".", ".."):
                arguments, _ = _arguments(operation, only_required=True)
                arguments[python_name(name)] = bad
                yield from _refused(calls, operation, arguments, f"{name}={bad!r}")

    return _each(definitions, only, check)


def _refused(calls: Calls, operation: Operation, arguments: Json, what: str) -> Iterator[str]:
    for function in ("sync_detailed", "asyncio_detailed"):
        calls.script.requests.clear()
        try:
            calls.call(operation, arguments, function=function)
        except ValueError as error:
            if calls.script.requests:
                yield f"{function}: {what} is refused after it was sent: {error}"
            continue
        yield f"{function}: {what} is sent"


# --- answers ------------------------------------------------------------------------------------------------------------


def _answer(definitions: Definitions, response: str) -> bytes:
    if response == "void":
        return b""
    if response == "binary":
        return b"RIFF\x00\xff"
    return json.dumps(definitions.sample(response)).encode()


def _wrong_result(definitions: Definitions, operation: Operation, parsed: Any) -> str | None:
    """What is wrong with a parsed success answer, if anything."""
    if operation.response == "void":
        return None if parsed is None else f"parsed {parsed!r}, not None"
    if operation.response == "binary":
        content = parsed.payload.read()
        parsed.payload.seek(0)
        return None if content == b"RIFF\x00\xff" else f"the file holds {content!r}"
    name, is_list = item_type(operation.response)
    items = parsed if is_list else [parsed]
    if not isinstance(items, list) or {type(item).__name__ for item in items} != {name}:
        return f"parsed {[type(item).__name__ for item in items]}, not {operation.response}"
    back = [item.to_dict() for item in items]
    expected = definitions.sample(operation.response)
    return None if back == (expected if is_list else [expected]) else f"{operation.response} does not survive parsing"


def check_responses(definitions: Definitions, only: str | None = None) -> Problems:
    """Every success code gives the declared result; every other code gives None, even with a body that is not JSON."""

    def check(calls: Calls, operation: Operation) -> Iterator[str]:
        arguments, _ = _arguments(operation, only_required=True)
        for calls.status in (200, 201, 202, 203, 204, 206):
            calls.content = _answer(definitions, operation.response)
            _, result = calls.call(operation, arguments)
            wrong = _wrong_result(definitions, operation, result.parsed)
            if wrong or int(result.status_code) != calls.status:
                yield f"answer {calls.status}: {wrong or result.status_code}"
        for calls.status in (302, 400, 401, 403, 404, 409, 412, 422, 426, 500, 503):
            calls.content = b"<html><title>no JSON</title></html>"
            _, result = calls.call(operation, arguments)
            if result.parsed is not None or result.content != calls.content:
                yield f"answer {calls.status}: parsed {result.parsed!r} from an error"

    return _each(definitions, only, check)


def check_unexpected_status(definitions: Definitions, only: str | None = None) -> Problems:
    """A client that asks for it gets `UnexpectedStatus`, with status and body, from both variants instead of None."""
    unexpected = importlib.import_module("ari_rest.errors").UnexpectedStatus

    def check(calls: Calls, operation: Operation) -> Iterator[str]:
        calls.client.raise_on_unexpected_status = True
        calls.status, calls.content = 409, b"<html>no JSON</html>"
        arguments, _ = _arguments(operation, only_required=True)
        for function in ("sync_detailed", "asyncio_detailed"):
            try:
                calls.call(operation, arguments, function=function)
            except unexpected as error:
                if (error.status_code, error.content) != (calls.status, calls.content):
                    yield f"{function}: UnexpectedStatus holds {error.status_code} and {error.content!r}"
            else:
                yield f"{function}: nothing is raised"

    return _each(definitions, only, check)


def check_async_equals_sync(definitions: Definitions, only: str | None = None) -> Problems:
    """The asynchronous functions send the same bytes and return the same result as the synchronous ones."""

    def check(calls: Calls, operation: Operation) -> Iterator[str]:
        calls.status, calls.content = 200, _answer(definitions, operation.response)
        for only_required in (False, True):
            arguments, _ = _arguments(operation, only_required=only_required)
            pairs = [("sync_detailed", "asyncio_detailed")]
            pairs += [("sync", "asyncio")] if operation.response != "void" else []
            for sync, asynchronous in pairs:
                first, result = calls.call(operation, arguments, function=sync)
                second, result_async = calls.call(operation, arguments, function=asynchronous)
                if _sent(first) != _sent(second):
                    yield f"{asynchronous} sends {_sent(second)}, {sync} {_sent(first)}"
                if _comparable(result) != _comparable(result_async):
                    yield f"{asynchronous} returns {result_async!r}, {sync} {result!r}"

    return _each(definitions, only, check)


def _sent(request: ReceivedRequest) -> tuple[str, str, bytes, str | None]:
    return request.method, request.target, request.content, request.headers.get("content-type")


def _comparable(result: Any) -> Any:
    """A result without what is new in each answer: header objects, and files, which are compared by content."""
    if hasattr(result, "parsed"):
        return int(result.status_code), result.content, _comparable(result.parsed)
    if hasattr(result, "payload"):
        result.payload.seek(0)
        return result.payload.read()
    return result


def check_package_folders(definitions: Definitions, only: str | None = None) -> Problems:
    """The folders of `api` are the resources."""
    folder = Path(importlib.import_module("ari_rest.api").__file__ or "").parent
    found = {item.name for item in folder.iterdir() if item.is_dir() and item.name != "__pycache__"}
    expected = {snake(operation.resource) for operation in definitions.operations.values()}
    return [f"api/{name}: missing or unknown" for name in sorted(expected ^ found)]


CHECKS = (
    check_modules,
    check_package_folders,
    check_full_requests,
    check_minimal_requests,
    check_enum_arguments,
    check_awkward_lists,
    check_list_limit,
    check_bad_ids,
    check_responses,
    check_unexpected_status,
    check_async_equals_sync,
)
