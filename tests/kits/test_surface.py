"""What programs see of the kits: the same in both variants, described, and importable without an underscore."""

import inspect

import pytest

from asterisk_ari.building_blocks import aio as aio_blocks
from asterisk_ari.building_blocks import pure
from asterisk_ari.building_blocks import sync as sync_blocks
from asterisk_ari.kits import aio, sync
from tests.surface.docstrings import public_methods, without_docstring
from tests.surface.variants import differences, signatures


def classes(module: object) -> list[type]:
    return [item for name in module.__all__ if inspect.isclass(item := getattr(module, name))]  # type: ignore[attr-defined]


def test_both_variants_are_alike() -> None:
    assert aio.__all__ == sync.__all__
    assert differences(signatures(classes(aio)), signatures(classes(sync))) == []


def test_building_blocks_of_both_variants_are_alike() -> None:
    assert aio_blocks.__all__ == sync_blocks.__all__
    for name in aio_blocks.__all__:
        ours, theirs = (list(inspect.signature(getattr(module, name)).parameters) for module in (aio_blocks, sync_blocks))
        assert ours == theirs, name


@pytest.mark.parametrize("module", [aio_blocks, sync_blocks, pure], ids=["async", "sync", "pure"])
def test_building_blocks_have_an_example(module: object) -> None:
    blocks = [getattr(module, name) for name in module.__all__]  # type: ignore[attr-defined]
    functions = [block for block in blocks if inspect.isfunction(block)]
    methods = [method for block in blocks if inspect.isclass(block) for name, method in public_methods(block)]
    lacking = [one.__qualname__ for one in [*functions, *methods] if "Example:" not in (inspect.getdoc(one) or "")]
    assert lacking == []


@pytest.mark.parametrize("package", ["asterisk_ari.kits._async", "asterisk_ari.kits._sync", "asterisk_ari.kits._core"])
def test_everything_public_says_what_it_is(package: str) -> None:
    assert without_docstring(package) == []


@pytest.mark.parametrize("module", [aio, sync], ids=["async", "sync"])
def test_methods_have_an_example(module: object) -> None:
    lacking = [
        f"{cls.__name__}.{name}"
        for cls in classes(module)
        for name, method in public_methods(cls)
        if not isinstance(inspect.getattr_static(cls, name), property) and "Example:" not in (inspect.getdoc(method) or "")
    ]
    assert lacking == []


def test_docstrings_use_no_await_in_the_synchronous_variant() -> None:
    texts = [inspect.getdoc(getattr(cls, name)) or "" for cls in classes(sync) for name, _ in public_methods(cls)]
    assert [text for text in texts if "await " in text or "async " in text] == []
