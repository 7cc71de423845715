"""What the tests of the generated package share."""

import pytest

from tests.generated.definitions import Definitions, load


@pytest.fixture(scope="session")
def definitions() -> Definitions:
    """What `swagger/` says, read once."""
    return load()
