"""What must not reach a server is refused while the request is made; what is valid is not."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ari_rest._meta import OPERATIONS
from asterisk_ari._core.requests.plan import build
from asterisk_ari.errors import BadArgument, MissingParameter
from tests.core.calls import ACCEPTED, REFUSED
from tests.facade import samples


@pytest.mark.parametrize(("operation", "parameters", "words", "kind"), REFUSED)
def test_refused(operation: str, parameters: dict[str, Any], words: str, kind: type[BadArgument]) -> None:
    """Each rule says in its own words what is wrong, and names the operation."""
    with pytest.raises(kind, match=words) as caught:
        build(operation, parameters)
    assert kind is type(caught.value)
    assert operation == caught.value.operation
    assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize(("operation", "parameters"), ACCEPTED)
def test_accepted(operation: str, parameters: dict[str, Any]) -> None:
    """Unusual and yet valid calls pass."""
    assert operation == build(operation, parameters).operation


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_required_parameter_is_needed(operation: str) -> None:
    """Each operation passes with what it needs, and lacks each of it when left out, unless the definitions name a default."""
    least = samples.least(operation)
    build(operation, least)
    needed = [name for name in OPERATIONS[operation].required if OPERATIONS[operation].params[name].default is None]
    for name in needed:
        with pytest.raises(MissingParameter, match=name):
            build(operation, {key: value for key, value in least.items() if key != name})


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(
    operation=st.sampled_from(sorted(OPERATIONS)),
    value=st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None)) | st.binary(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
        max_leaves=6,
    ),
)
def test_nothing_but_bad_argument_comes_out(operation: str, value: Any) -> None:
    """Whatever is given for whichever parameter, the call is built or refused; no other exception escapes."""
    least = samples.least(operation)
    for name in OPERATIONS[operation].params:
        try:
            built = build(operation, {**least, name: value})
        except BadArgument as refused:
            assert str(refused)
        else:
            assert (built.method, built.path[:1]) == (OPERATIONS[built.operation].method.upper(), "/")
