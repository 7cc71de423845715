"""What importing the package costs, seen in `sys.modules` of a fresh process where every warning is an error."""

import pytest

from tests.generated import import_checks
from tests.generated.mutants import GENERATED, SWAGGER, problems


@pytest.mark.parametrize("check", [check.__name__ for check in import_checks.CHECKS])
def test_imports(check: str) -> None:
    """The check named in this test's id finds nothing wrong."""
    assert problems("import_checks", check, GENERATED, SWAGGER) == []
