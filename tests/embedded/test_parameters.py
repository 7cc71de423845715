from typing import Any

import pytest

from asterisk_ari._core.requests.release import Release
from asterisk_ari.testing.machine.stasis.arguments import split_arguments
from asterisk_ari.testing.request import BodyError, parse_json_body, parse_query
from asterisk_ari.testing.server.routing import OperationRoute, OperationRouter, read_parameters

RELEASE = Release(20, 15, 2)


def read(name: str, query: str = "", body: Any = None) -> dict[str, Any]:
    return read_parameters(OperationRoute(name, RELEASE), [], parse_query(query), body)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("a,b", ["a", "b"]),
        ("(a,b),c", ["(a,b)", "c"]),
        ('"a,b",c', ["a,b", "c"]),
        ("a\\,b", ["a,b"]),
        ("", []),
        ("a,", ["a", ""]),
        ('"(",a', ["(,a"]),
        ("(]),a", ["(])", "a"]),
    ],
)
def test_split_arguments(text: str, values: list[str]) -> None:
    assert split_arguments(text) == values


def test_the_last_of_repeated_keys_wins() -> None:
    assert read("asterisk.getInfo", "only=build&only=config")["only"] == ["config"]


def test_the_body_overrides_the_query() -> None:
    assert read("channels.originate", "app=query", {"app": "body"})["app"] == "body"


@pytest.mark.parametrize(("value", "read_as"), [(30, 30), ("30", 0), (True, 0), (None, 0)])
def test_numbers_in_a_body_are_numbers(value: Any, read_as: int) -> None:
    assert read("channels.originate", body={"timeout": value})["timeout"] == read_as


@pytest.mark.parametrize(("text", "read_as"), [("30", 30), ("-1", -1), ("x", 0), ("12abc", 12)])
def test_numbers_in_a_query_may_have_other_text_behind(text: str, read_as: int) -> None:
    assert read("channels.originate", f"timeout={text}")["timeout"] == read_as


@pytest.mark.parametrize(("value", "read_as"), [(True, True), ("true", False), (1, False)])
def test_booleans_in_a_body(value: Any, read_as: bool) -> None:
    assert read("channels.record", body={"beep": value})["beep"] is read_as


@pytest.mark.parametrize(("text", "read_as"), [("yes", True), ("On", True), ("1", True), ("maybe", False), ("", False)])
def test_booleans_in_a_query(text: str, read_as: bool) -> None:
    assert read("channels.record", f"beep={text}")["beep"] is read_as


def test_a_string_parameter_ignores_other_types() -> None:
    assert read("channels.originate", body={"app": 7})["app"] is None


def test_a_list_in_a_body() -> None:
    assert read("channels.play", body={"media": ["tone:400/250,0/250", "sound:a"]})["media"] == ["tone:400/250,0/250", "sound:a"]


def test_bodies_of_other_types_are_ignored() -> None:
    assert parse_json_body("text/plain", b"{}") is None
    assert parse_json_body("application/json; charset=utf-8", b'{"a": 1}') == {"a": 1}
    with pytest.raises(BodyError):
        parse_json_body("application/json", b'"text"')


def test_later_operations_and_parameters_are_missing() -> None:
    assert OperationRouter(RELEASE).find("channels/x/progress") is None
    assert OperationRouter(Release(22, 10, 1)).find("channels/x/progress") is not None
    assert "announcer_format" not in read("bridges.play", "announcer_format=slin")


def test_an_empty_segment_ends_the_path() -> None:
    match = OperationRouter(RELEASE).find("channels//answer")
    assert match is not None
    assert match[0].allow == "OPTIONS,GET,POST"
