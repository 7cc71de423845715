"""What plays the server in tests shares no code with what is tested: a mistake in a codec would cancel itself out."""

import ast
from pathlib import Path

import pytest

from tests.servers.scripted_server import ScriptedServer

TESTS = Path(__file__).resolve().parents[1]
APART = [
    *sorted((TESTS / "servers").glob("*.py")),
    TESTS / "facade/proxy.py",
    TESTS / "media/raw_messages.py",
    TESTS / "transport/rfc6455.py",
]
PRODUCT = {"asterisk_ari", "ari_rest", "scripts"}


def packages_in(source: str) -> set[str]:
    """The packages that a module imports, inside functions too."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add((node.module or "").partition(".")[0])
    return found


def test_the_scripted_server_can_be_killed_and_closed_in_any_order() -> None:
    with ScriptedServer() as server:
        server.kill()
        server.kill()
        server.listen()
        server.kill()
    server.close()


@pytest.mark.parametrize("file", APART, ids=lambda file: file.relative_to(TESTS).as_posix())
def test_it_imports_nothing_of_the_product(file: Path) -> None:
    assert packages_in(file.read_text(encoding="utf-8")) & PRODUCT == set()


def test_the_check_finds_an_import() -> None:
    assert packages_in("def f():\n    from asterisk_ari._transport import tls\n") == {"asterisk_ari"}
    assert packages_in("import ari_rest.types as types, os") == {"ari_rest", "os"}
