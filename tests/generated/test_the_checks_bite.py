"""The checks of this folder find damage: each row of a table breaks the package, or the definitions, in one way."""

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.generated import model_checks, operation_checks, registry_checks
from tests.generated.definitions import Definitions, build
from tests.generated.mutants import MUTANTS, SWAGGER, Mutant, copy_package, damaged, problems


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the package, to damage."""
    return copy_package(tmp_path_factory.mktemp("generated"))


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_damage_to_the_package_is_found(mutant: Mutant, package: Path) -> None:
    """The check meant for this damage reports it, and names what is damaged."""
    module, check = mutant.check.split(".")
    with damaged(package, mutant):
        found = problems(module, check, package, SWAGGER)
    assert [line for line in found if mutant.expect in line] != [], found


def test_an_undamaged_copy_has_no_problems(package: Path) -> None:
    """What is found in a damaged copy comes from the damage, not from copying or from the damage before."""
    for check in ("operation_checks.check_full_requests", "model_checks.check_round_trip", "import_checks.check_everything_imports"):
        assert problems(*check.split("."), package, SWAGGER) == []


# --- the other side: definitions that say something the package does not know ------------------------------------------------


def _operation(facts: Any, name: str) -> Any:
    resource, nickname = name.split(".")
    return next(item for item in facts["resources"][resource]["operations"] if item["nickname"] == nickname)


def _rename_parameter(facts: Any) -> None:
    _operation(facts, "channels.hangup")["parameters"][1]["name"] = "why"


def _add_parameter(facts: Any) -> None:
    new = {"name": "loudness", "location": "query", "type": "int", "required": False, "multiple": False}
    _operation(facts, "channels.play")["parameters"].append(new)


def _add_operation(facts: Any) -> None:
    facts["resources"]["channels"]["operations"].append({**_operation(facts, "channels.hold"), "nickname": "freeze"})


def _change_response(facts: Any) -> None:
    _operation(facts, "bridges.get")["response"] = "Channel"


def _change_path(facts: Any) -> None:
    _operation(facts, "channels.answer")["path"] = "/channels/{channelId}/pickUp"


def _add_field(facts: Any) -> None:
    facts["resources"]["channels"]["models"]["Channel"]["fields"]["mood"] = {"type": "Date", "required": False}


def _make_field_optional(facts: Any) -> None:
    facts["resources"]["channels"]["models"]["Channel"]["fields"]["creationtime"]["required"] = False


def _add_enum_value(facts: Any) -> None:
    facts["resources"]["channels"]["models"]["Channel"]["fields"]["state"]["values"].append("Dreaming")


def _add_event(facts: Any) -> None:
    models = facts["resources"]["events"]["models"]
    models["ChannelDreamt"] = copy.deepcopy(models["ChannelHold"])
    models["Event"]["subtypes"].append("ChannelDreamt")


DOCUMENTS: list[tuple[Callable[[Any], None], Callable[[Definitions], list[str]], str]] = [
    (_rename_parameter, operation_checks.check_full_requests, "channels.hangup: TypeError"),
    (_add_parameter, operation_checks.check_full_requests, "channels.play: TypeError"),
    (_add_operation, operation_checks.check_modules, "channels_freeze: missing"),
    (_add_operation, registry_checks.check_operations, "channels.freeze: missing or unknown"),
    (_change_response, operation_checks.check_responses, "bridges.get: KeyError"),
    (_change_path, operation_checks.check_minimal_requests, "channels.answer: path"),
    (_add_field, model_checks.check_round_trip, "Channel: left over: ['mood']"),
    (_make_field_optional, model_checks.check_absent_and_null, "Channel: creationtime absent: KeyError"),
    (_add_enum_value, model_checks.check_open_enums, "Channel: state: the enumeration"),
    (_add_event, registry_checks.check_events, "ChannelDreamt: missing or unknown event"),
    (_add_field, registry_checks.check_availability, "fields: Channel.mood is in 23.4.1, availability.json denies it"),
]


@pytest.mark.parametrize(("change", "check", "expect"), DOCUMENTS, ids=lambda item: getattr(item, "__name__", ""))
def test_news_in_the_definitions_is_found(
    change: Callable[[Any], None], check: Callable[[Definitions], list[str]], expect: str, definitions: Definitions
) -> None:
    """A release that says something new makes the check fail until the package is regenerated."""
    releases = copy.deepcopy(definitions.releases)
    change(releases["23.4.1"])
    found = check(build(releases, definitions.overlay, definitions.availability))
    assert [line for line in found if expect in line] != [], found
