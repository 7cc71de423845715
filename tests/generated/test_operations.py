"""Every operation of the package, driven over a mock transport, against what `swagger/` says of it."""

import pytest

from tests.generated import operation_checks
from tests.generated.definitions import Definitions


def test_there_are_108_operations(definitions: Definitions) -> None:
    """The walk over the definitions sees every operation but the WebSocket upgrade, so no check below passes on nothing."""
    assert len(definitions.operations) == 108


@pytest.mark.parametrize("check", operation_checks.CHECKS, ids=lambda check: check.__name__)
def test_every_operation(check: operation_checks.Check, definitions: Definitions) -> None:
    """The check named in this test's id finds nothing wrong with any operation."""
    assert check(definitions) == []
