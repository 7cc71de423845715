"""Corrections of the definitions: each must still find what it corrects, and says why."""

import copy
from typing import Any

import pytest

from scripts import overlay, union
from scripts.errors import RegenerateError
from scripts.facts import load_all
from tests.scripts.dialect import SWAGGER
from tests.scripts.small_facts import facts, field, model, operation, parameter

WHY = {"reason": "because", "evidence": "main/thing.c:1"}


def small() -> Any:
    state = field(values=["Up", "Down"])
    return facts("1.0.0", [operation("mute", parameter("direction")), operation("play")], {"M": model(state=state)})


def corrected(kind: str, **entry: Any) -> Any:
    given = {key: value for key, value in {**WHY, **entry}.items() if value is not None}
    return overlay.apply(small(), {kind: [given]})["resources"]["things"]


def on_parameter(**entry: Any) -> Any:
    return corrected("parameter", **{"operations": ["things.mute"], "name": "direction", "expect": {"required": False}, **entry})


def on_field(**entry: Any) -> Any:
    return corrected("field", **{"model": "M", "name": "state", "expect": {"type": "string"}, **entry})


def test_parameters_are_corrected() -> None:
    """`set` overrides what the definitions say of a parameter."""
    found = on_parameter(set={"needed": True})["operations"][0]["parameters"][0]
    assert found == parameter("direction", needed=True)


def test_values_are_added() -> None:
    """`add_values` puts values the server sends behind those it declares."""
    expected = ["Up", "Down", "Mute"]
    assert expected == on_field(add_values=["Down", "Mute"])["models"]["M"]["fields"]["state"]["values"]


def test_undeclared_fields_are_added() -> None:
    """A field the server sends and nobody declares is added with `absent`."""
    found = corrected("field", model="M", name="mood", absent=True, set=field("int"))["models"]["M"]["fields"]
    expected = field("int")
    assert expected == found["mood"]


def test_the_facts_themselves_stay_as_they_are() -> None:
    """Corrections go into a copy."""
    declared = small()
    before = copy.deepcopy(declared)
    overlay.apply(declared, {"field": [{**WHY, "model": "M", "name": "state", "expect": {}, "set": {"type": "int"}}]})
    assert before == declared


BAD: dict[str, tuple[Any, dict[str, Any], str]] = {
    "the definitions were mended": (
        on_parameter,
        {"expect": {"required": True}},
        "required is False, not True: mend or remove",
    ),
    "the type has changed": (on_field, {"expect": {"type": "int"}}, "M.state: type is 'string', not 'int'"),
    "the values are declared by now": (on_field, {"add_values": ["Up"]}, r"has the values \['Up'\] by now: remove its entry"),
    "the field is declared by now": (on_field, {"absent": True, "set": {}}, "M.state is declared by now: remove its entry"),
    "no such operation": (on_parameter, {"operations": ["things.gone"]}, r"things.gone\(direction\) does not exist: remove"),
    "no such parameter": (on_parameter, {"name": "gone"}, r"things.mute\(gone\) does not exist: remove"),
    "no such model": (on_field, {"model": "Gone"}, "model Gone does not exist: remove"),
    "no such field": (on_field, {"name": "gone"}, "M.gone does not exist: remove"),
    "no evidence": (on_field, {"evidence": None}, "field state: needs reason, evidence and a precondition"),
    "no reason": (on_parameter, {"reason": None}, "parameter direction: needs reason, evidence and a precondition"),
    "no precondition": (on_field, {"expect": None}, "field state: needs reason, evidence and a precondition"),
    "a misspelt key": (on_field, {"expects": {}}, "field state: unknown key 'expects'"),
}


@pytest.mark.parametrize("name", BAD)
def test_stale_or_careless_corrections_are_refused(name: str) -> None:
    """A correction that no longer fits, or does not say why, stops the regeneration and names itself."""
    apply, entry, message = BAD[name]
    with pytest.raises(RegenerateError, match=message):
        apply(**entry)


def test_every_committed_correction_still_fits() -> None:
    """The overlay applies to the union of the releases, and it changes it."""
    declared = union.merge(load_all(SWAGGER))
    assert overlay.apply(declared, overlay.load(SWAGGER)) != declared
