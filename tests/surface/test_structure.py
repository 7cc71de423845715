"""How the clients and their handles are put together."""

from typing import Any, Generic

import pytest

from asterisk_ari import AsteriskARI, AsyncAsteriskARI
from tests.surface.reach import VARIANTS, reached_classes


@pytest.mark.parametrize("client", [AsteriskARI, AsyncAsteriskARI])
def test_a_client_has_one_level_of_bases(client: type[Any]) -> None:
    """What it inherits stands by itself, so that a method is found in one of few modules."""
    assert [(object,)] * len(client.__bases__) == [base.__bases__ for base in client.__bases__]
    assert len(client.__bases__) <= 4


@pytest.mark.parametrize("package", VARIANTS)
def test_a_handle_has_few_bases(package: str) -> None:
    for cls in reached_classes(package):
        assert len([base for base in cls.__mro__[1:] if base not in (object, Generic)]) <= 3, cls
