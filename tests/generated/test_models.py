"""Every model of the package against what `swagger/` says of it."""

import pytest

from tests.generated import model_checks
from tests.generated.definitions import Definitions


def test_there_are_85_models(definitions: Definitions) -> None:
    """The walk over the definitions sees every model, so no check below passes on nothing."""
    assert len(definitions.models) == 85


def test_protocol_id_is_optional(definitions: Definitions) -> None:
    """Asterisk 13 has no Channel.protocol_id, so the union must not require it whatever the newest release says."""
    newest = definitions.of_release("23.4.1")["Channel"]["fields"]["protocol_id"]["required"]
    assert (newest, definitions.models["Channel"]["fields"]["protocol_id"]["required"]) == (True, False)


@pytest.mark.parametrize("check", model_checks.CHECKS, ids=lambda check: check.__name__)
def test_every_model(check: model_checks.Check, definitions: Definitions) -> None:
    """The check named in this test's id finds nothing wrong with any model."""
    assert check(definitions) == []
