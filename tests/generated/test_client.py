"""What the package does with secrets and with UNSET."""

import pytest

from tests.generated import client_checks
from tests.generated.definitions import Definitions


@pytest.mark.parametrize("check", client_checks.CHECKS, ids=lambda check: check.__name__)
def test_client(check: client_checks.Check, definitions: Definitions) -> None:
    """The check named in this test's id finds nothing wrong."""
    assert check(definitions) == []
