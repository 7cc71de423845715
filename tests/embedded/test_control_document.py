"""The OpenAPI document of the control API: valid, complete, and what answers look like."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator, validate

from asterisk_ari.testing import ControlServer, EmbeddedAsterisk
from tests.embedded.control_client import Answer, Control


@pytest.fixture(scope="module")
def asterisk() -> Iterator[EmbeddedAsterisk]:
    with EmbeddedAsterisk(virtual_time=True, endpoints={"alice": "silent"}) as server:
        yield server


@pytest.fixture(scope="module")
def control(asterisk: EmbeddedAsterisk) -> Iterator[Control]:
    with ControlServer(asterisk) as serving:
        yield Control(serving)


@pytest.fixture(scope="module")
def document(control: Control) -> Any:
    return control.done("GET", "/openapi.json")


def test_it_is_valid(document: Any) -> None:
    assert document["openapi"].startswith("3.1.")
    validate(document, cls=OpenAPIV31SpecValidator)


def test_it_says_what_each_request_is_for(document: Any) -> None:
    operations = [one for methods in document["paths"].values() for one in methods.values()]
    assert len(operations) >= 40
    assert all(one["summary"].endswith(".") and "`" not in one["operationId"] for one in operations)
    assert len({one["operationId"] for one in operations}) == len(operations)
    assert {tag for one in operations for tag in one["tags"]} == {one["name"] for one in document["tags"]}
    for schema in document["components"]["schemas"].values():
        assert schema.get("description"), schema["title"]


def test_every_path_is_served_with_these_methods_alone(control: Control, document: Any) -> None:
    for path, methods in document["paths"].items():
        served = {
            method
            for method in ("GET", "POST", "PUT", "DELETE", "PATCH")
            if control(
                method, path.removeprefix("/control").replace("{id}", "none").replace("{name}", "none"), [], "text/x"
            ).status
            != 405
        }
        assert served == {method.upper() for method in methods}, path


SAMPLES: list[tuple[str, str, Any]] = [
    ("POST", "/calls", {"context": "plain", "called": "echo", "listens": True}),
    ("GET", "/calls", None),
    ("GET", "/calls/{id}", None),
    ("POST", "/calls/{id}/press", {"keys": "12"}),
    ("POST", "/calls/{id}/say", {"tone_hertz": 500, "seconds": 0.5}),
    ("POST", "/advance", {"seconds": 1}),
    ("POST", "/settle", {}),
    ("POST", "/calls/{id}/listen", None),
    ("GET", "/calls/{id}/transcript", None),
    ("GET", "/calls/{id}/audio", None),
    ("POST", "/calls/{id}/assert-heard", {"tone_hertz": 500}),
    ("POST", "/calls/{id}/hold", None),
    ("POST", "/calls/{id}/unhold", None),
    ("POST", "/calls/{id}/refer", {"target": "1"}),
    ("POST", "/calls/{id}/ring", None),
    ("POST", "/calls/{id}/progress", None),
    ("POST", "/calls/{id}/answer", None),
    ("POST", "/calls/{id}/wait-for-prompt", {"media": "sound:none", "timeout_seconds": 0}),
    ("POST", "/calls/{id}/wait-for-digits", {"digits": "1", "timeout_seconds": 0}),
    ("POST", "/calls/{id}/hang-up", None),
    ("POST", "/calls/{id}/wait-for-state", {"state": "ended"}),
    ("POST", "/calls/{id}/refuse", {"cause": 17}),
    ("POST", "/wait-for-app", {"app": "none", "timeout_seconds": 0}),
    ("POST", "/wait-for-call", {"endpoint": "alice", "timeout_seconds": 0}),
    ("POST", "/wait-for-request", {"path": "/none", "timeout_seconds": 0}),
    ("POST", "/wait-for-event", {"type": "Dial", "timeout_seconds": 0}),
    ("GET", "/requests", None),
    ("GET", "/events", None),
    ("POST", "/assert-clean", {}),
    ("GET", "/state", None),
    ("POST", "/faults", {"fault": "delay", "seconds": 0}),
    ("DELETE", "/faults", None),
    ("GET", "/endpoints", None),
    ("PUT", "/endpoints/{name}", {"behaviour": "busy"}),
    ("POST", "/endpoints/{name}/unregister", None),
    ("POST", "/endpoints/{name}/register", None),
    ("POST", "/outbound", {"url": "ws://127.0.0.1:9/ari", "apps": ["voicebot"]}),
    ("POST", "/messages", {"endpoint": "alice", "body": "hello"}),
    ("GET", "/messages", None),
    ("GET", "/channels", None),
    ("GET", "/bridges", None),
    ("GET", "/recordings", None),
    ("GET", "/ladder", None),
    ("GET", "/session", None),
    ("POST", "/reset", None),
    ("GET", "/openapi.json", None),
]


def check(document: Any, operation: Any, answer: Answer) -> None:
    """The status and the type are documented, and JSON is as its schema says."""
    assert str(answer.status) in operation["responses"], (operation["operationId"], answer)
    content = operation["responses"][str(answer.status)]["content"]
    kind = answer.kind.partition(";")[0]
    assert kind in content
    if kind == "application/json":
        schema = {**content[kind]["schema"], "components": document["components"]}
        jsonschema.Draft202012Validator(schema).validate(answer.body)


def test_answers_are_as_it_says(control: Control, document: Any) -> None:
    """Of every request: one that is done, or one whose wait ends; and one that is refused."""
    names = {"id": "", "name": "alice"}
    done = 0
    for method, path, body in SAMPLES:
        operation = document["paths"][f"/control{path}"][method.lower()]
        answer = control(method, path.format(**names), body)
        if path == "/calls" and method == "POST":
            names["id"] = answer.body["id"]
        check(document, operation, answer)
        done += answer.status == 200
        if "requestBody" in operation:
            check(document, operation, control(method, path.format(**names), {"no_such_field": 1}))
        if "{id}" in path:
            check(document, operation, control(method, path.format(id="none"), body))
    assert done > 35
    documented = {(method.upper(), path) for path, methods in document["paths"].items() for method in methods}
    assert {(method, f"/control{path}") for method, path, _ in SAMPLES} == documented


def test_the_fields_that_it_asks_for_are_needed(control: Control, document: Any) -> None:
    """A body that is required by the document is refused when it is missing, any other one is not."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if "requestBody" in operation and "{" not in path:
                refused = control(method.upper(), path.removeprefix("/control")).status == 400
                assert refused is (operation["requestBody"]["required"] or path == "/control/calls"), path


def test_no_field_is_without_a_type(document: Any) -> None:
    for name, schema in document["components"]["schemas"].items():
        for field, kind in schema.get("properties", {}).items():
            assert {"type", "anyOf", "$ref", "enum", "const"} & set(kind) or field in {"body", "answer"}, f"{name}.{field}"
    assert re.match(r"http://127\.0\.0\.1:\d+$", document["servers"][0]["url"])
