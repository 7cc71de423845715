"""What a program can import: every class that it can meet, from the module of its variant, without an underscore."""

import builtins
import importlib
import inspect
import re
import subprocess
import sys
import typing
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

import asterisk_ari
from asterisk_ari._event_views import VIEWS
from tests.surface.reach import VARIANTS, client_class, reached_classes

ROOT = Path(__file__).resolve().parents[2]
PUBLIC = {"asterisk_ari._async": "asterisk_ari.aio", "asterisk_ari._sync": "asterisk_ari.sync"}

# Public attributes of the client give these; programs have no use for their names.
INNER = {"EventHub", "Rest", "GeneratedClient", "ClientConnection", "DocumentedMethods", "ProcessBound", "Registry"}

variants = pytest.mark.parametrize("package", VARIANTS, ids=["async", "sync"])


@variants
def test_every_class_that_a_client_gives_can_be_imported(package: str) -> None:
    """The client, what its properties and methods return, and the handles of its collections."""
    public = importlib.import_module(PUBLIC[package])
    met = {cls.__name__: cls for cls in [client_class(package), *reached_classes(package)]}
    assert met.keys() - INNER <= set(public.__all__)
    assert all(getattr(public, name) is cls for name, cls in met.items() if name not in INNER)


def mentioned(annotation: Any) -> Iterator[str]:
    """The names of classes of this package in an annotation."""
    text = annotation if isinstance(annotation, str) else inspect.formatannotation(annotation)
    yield from re.findall(r"\b[A-Z][A-Za-z]+\b", re.sub(r"Literal\[.*?\]", "", text))


@variants
def test_signatures_name_nothing_that_cannot_be_imported(package: str) -> None:
    """Neither in parameters nor in results; names of typing and of `ari_rest` aside."""
    public = importlib.import_module(PUBLIC[package])
    elsewhere = {*dir(builtins), *dir(typing), *dir(asterisk_ari), *dir(importlib.import_module("ari_rest.json_shapes"))}
    elsewhere |= {*VIEWS}
    elsewhere |= {"Path", "PathLike", "SSLContext", "Client", "AsyncClient", "AsyncIterator", "Awaitable"}
    missing = set()
    for name in public.__all__:
        cls = getattr(public, name)
        for member_name, member in vars(cls).items() if inspect.isclass(cls) else ():
            function = member.func if isinstance(member, cached_property) else getattr(member, "__func__", member)
            if member_name.startswith("_") or not inspect.isfunction(function):
                continue
            signature = inspect.signature(function)
            annotations = [*(one.annotation for one in signature.parameters.values()), signature.return_annotation]
            missing |= {word for annotation in annotations for word in mentioned(annotation)} - {*public.__all__, *elsewhere}
    assert set() == missing - INNER


def test_both_variants_offer_the_same_names() -> None:
    """But for the client, whose name says which it is."""
    aio, sync = (importlib.import_module(PUBLIC[package]).__all__ for package in VARIANTS)
    assert [name.replace("AsyncAsteriskARI", "AsteriskARI") for name in aio] == list(sync)


@pytest.mark.parametrize("name", ["AriError", "AsteriskARI", "Reconnect", "__version__"])
def test_names_of_the_package_itself(name: str) -> None:
    assert getattr(asterisk_ari, name)
    assert name in dir(asterisk_ari)


def test_the_version_is_that_of_the_project() -> None:
    """Installed or not: a checkout reads its own pyproject.toml."""
    written = re.search(r'^version = "(.*)"$', (ROOT / "pyproject.toml").read_text(encoding="utf-8"), re.MULTILINE)
    assert written is not None
    code = (
        "import importlib.metadata as m\n"
        "def missing(name): raise m.PackageNotFoundError(name)\n"
        "m.version = missing\n"
        "import asterisk_ari; print(asterisk_ari.__version__)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (written[1], written[1]) == (done.stdout.strip(), asterisk_ari.__version__)


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Nothing'"):
        asterisk_ari.Nothing  # noqa: B018


USER_CODE = [
    ROOT / "README.md",
    *(ROOT / "docs").glob("*.md"),
    *(ROOT / "tests/reference").rglob("*.py"),
    *(ROOT / "tests/reference").rglob("*.md"),
    ROOT / "scripts/demo.py",
]
UNDERSCORE = re.compile(r"(?:import|from)\s+asterisk_ari\._|\basterisk_ari\._[a-z]+[. ]\S*import|from asterisk_ari\.\S*\._")


@pytest.mark.parametrize("path", USER_CODE, ids=lambda path: path.name)
def test_no_program_of_ours_needs_an_underscore(path: Path) -> None:
    """README, documentation, the reference's programs and the demo import public names alone."""
    assert [] == UNDERSCORE.findall(path.read_text(encoding="utf-8"))


@variants
def test_examples_of_docstrings_need_no_underscore(package: str) -> None:
    public = importlib.import_module(PUBLIC[package])
    found = [
        name
        for name in public.__all__
        for line in (inspect.getdoc(getattr(public, name)) or "").splitlines()
        if line.lstrip().startswith(">>>") and re.search(r"\b_[a-z]|\._", line)
    ]
    assert [] == found
