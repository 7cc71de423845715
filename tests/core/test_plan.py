"""The requests of the plans beside those of the generated functions that they stand in for: all operations."""

import importlib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ari_rest import models
from ari_rest._meta import OPERATIONS, Parameter
from asterisk_ari._core.requests.plan import build, prepare
from tests.facade import samples

# Short enough to stay in the query, and refused by nothing.
REFUSED = {".", "..", "create", "externalMedia", "refer", "sendMessage"}
TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=20).filter(
    lambda text: text not in REFUSED
)
SPECIAL = {"type", "deviceName", "eventSource", "fields", "filter", "variables"}

# Method, path, query and body.
Parts = tuple[str, str, dict[str, Any], Any]


def generated(operation: str, values: dict[str, Any]) -> Parts:
    """What the generated function of an operation sends."""
    facts = OPERATIONS[operation]
    in_body = {name: value for name, value in values.items() if facts.params[name].location == "body"}
    arguments = {facts.params[name].python_name: value for name, value in values.items() if name not in in_body}
    if in_body:
        model = getattr(models, facts.body) if facts.body else None
        arguments["body"] = model.from_dict(in_body) if model else next(iter(in_body.values()))
    kwargs = importlib.import_module(facts.module)._get_kwargs(**arguments)
    return kwargs["method"].upper(), kwargs["url"], kwargs.get("params", {}), kwargs.get("json")


def planned(operation: str, values: dict[str, Any]) -> Parts:
    """What the plan of an operation makes, with names that are refused otherwise too."""
    request, _ = prepare(operation, values, lenient=True)
    return request.method, request.path, dict(request.params), request.json


def values_of(operation: str, parameter: Parameter) -> st.SearchStrategy[Any]:
    """Any valid value, where the server sets no rule of its own."""
    sample = samples.value(operation, parameter)
    if parameter.known_values or parameter.name in SPECIAL:
        return st.just(sample)
    if isinstance(sample, bool):
        return st.booleans()
    if isinstance(sample, int):
        return st.integers(0, 100_000)
    return st.lists(TEXT, min_size=1, max_size=4) if isinstance(sample, list) else TEXT


@st.composite
def calls(draw: st.DrawFn, operation: str) -> dict[str, Any]:
    """The parameters that an operation needs, and any others, in any order."""
    parameters = OPERATIONS[operation].params
    least = samples.least(operation)
    left_out = set()
    for one, other in samples.EXCLUSIVE.get(operation, ()):
        left_out.add(other if one in least or draw(st.booleans()) else one)
    chosen = [name for name in parameters if name in least or (name not in left_out and draw(st.booleans()))]
    return {name: draw(values_of(operation, parameters[name])) for name in draw(st.permutations(chosen))}


@pytest.mark.parametrize("operation", OPERATIONS)
@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_a_plan_builds_what_the_generated_function_builds(operation: str, data: st.DataObject) -> None:
    """Method, path, query and body are the same, whichever parameters are given and in whichever order."""
    values = data.draw(calls(operation))
    parts = planned(operation, values)
    if operation == "bridges.create" and "variables" in values:  # sent as another operation, under an id
        operation, values = "bridges.createWithId", {"bridgeId": parts[1].rpartition("/")[2], **values}
    assert generated(operation, values) == parts


@pytest.mark.parametrize("operation", OPERATIONS)
def test_with_all_parameters_too(operation: str) -> None:
    """Everything that an operation takes at once."""
    for values in samples.full(operation):
        parts = planned(operation, values)
        target = "bridges.createWithId" if operation == "bridges.create" else operation
        assert generated(target, values) == parts


@pytest.mark.parametrize("spaces", [900, 1500, 2900])
def test_what_grows_when_it_is_encoded_is_counted_encoded(spaces: int) -> None:
    """The server refuses a request line of more than 4 096 bytes: each space of a query takes three of them."""
    request = build("channels.setChannelVar", {"channelId": "1", "variable": "A", "value": " " * spaces})
    in_query = len(request.path) + len("?variable=A&value=") + 3 * spaces <= 3000
    assert in_query == (request.json is None)
    assert {"variable": "A", "value": " " * spaces} == (dict(request.params) if in_query else request.json)
