from typing import Any

import pytest

from asterisk_ari._core.release import Release
from asterisk_ari.testing.machine.stasis import split_arguments
from asterisk_ari.testing.routing import BodyError, Route, Router, json_body, pairs, parameters

RELEASE = Release(20, 15, 2)


def read(name: str, query: str = "", body: Any = None) -> dict[str, Any]:
    return parameters(Route(name, RELEASE), [], pairs(query), body)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("a,b", ["a", "b"]),
        ("(a,b),c", ["(a,b)", "c"]),
        ('"a,b",c', ["a,b", "c"]),
        ("a\\,b", ["a,b"]),
        ("", []),
        ("a,", ["a", ""]),
    ],
)
def test_the_splitter(text: str, values: list[str]) -> None:
    assert split_arguments(text) == values


def test_the_last_of_repeated_keys_wins() -> None:
    assert read("asterisk.getInfo", "only=build&only=config")["only"] == ["config"]


def test_the_body_overrides_the_query() -> None:
    assert read("channels.originate", "app=query", {"app": "body"})["app"] == "body"


@pytest.mark.parametrize(("value", "found"), [(30, 30), ("30", 0), (True, 0), (None, 0)])
def test_numbers_in_a_body_are_numbers(value: Any, found: int) -> None:
    assert read("channels.originate", body={"timeout": value})["timeout"] == found


@pytest.mark.parametrize(("text", "found"), [("30", 30), ("-1", -1), ("x", 0), ("12abc", 12)])
def test_numbers_in_a_query_are_what_begins_like_one(text: str, found: int) -> None:
    assert read("channels.originate", f"timeout={text}")["timeout"] == found


@pytest.mark.parametrize(("value", "found"), [(True, True), ("true", False), (1, False)])
def test_booleans_in_a_body(value: Any, found: bool) -> None:
    assert read("channels.record", body={"beep": value})["beep"] is found


@pytest.mark.parametrize(("text", "found"), [("yes", True), ("On", True), ("1", True), ("maybe", False), ("", False)])
def test_booleans_in_a_query(text: str, found: bool) -> None:
    assert read("channels.record", f"beep={text}")["beep"] is found


def test_a_string_in_a_body_must_be_one() -> None:
    assert read("channels.originate", body={"app": 7})["app"] is None


def test_a_list_in_a_body() -> None:
    assert read("channels.play", body={"media": ["tone:400/250,0/250", "sound:a"]})["media"] == ["tone:400/250,0/250", "sound:a"]


def test_bodies_of_other_types_are_ignored() -> None:
    assert json_body("text/plain", b"{}") is None
    assert json_body("application/json; charset=utf-8", b'{"a": 1}') == {"a": 1}
    with pytest.raises(BodyError):
        json_body("application/json", b'"text"')


def test_what_came_later_is_not_there() -> None:
    assert Router(RELEASE).find("channels/x/progress") is None
    assert Router(Release(22, 10, 1)).find("channels/x/progress") is not None
    assert "announcer_format" not in read("bridges.play", "announcer_format=slin")


def test_an_empty_segment_ends_the_path() -> None:
    found = Router(RELEASE).find("channels//answer")
    assert found is not None
    assert found[0].allow == "OPTIONS,GET,POST"
