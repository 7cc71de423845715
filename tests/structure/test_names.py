"""A name of a class means one thing in the whole facade."""

import ast
from collections import defaultdict
from pathlib import Path

FACADE = Path(__file__).resolve().parents[2] / "facade" / "asterisk_ari"

# Public in both places under the documented name: the client's side, and the same thing of the embedded server.
DOCUMENTED_TWICE = {
    "Endpoint": {"_async/resources/endpoints.py", "testing/machine/state/endpoint.py"},
    "Events": {"_async/resources/events.py", "testing/recorder.py"},
}


def homes_by_class_name(facade: Path) -> dict[str, set[str]]:
    """The modules that define a class of each name. A sync module counts as the async one it is generated from."""
    homes = defaultdict(set)
    for file in facade.rglob("*.py"):
        module = file.relative_to(facade).as_posix().replace("_sync/", "_async/").replace("_sync.py", "_async.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                homes[node.name].add(module)
    return homes


def repeated_names(facade: Path) -> dict[str, set[str]]:
    return {name: modules for name, modules in homes_by_class_name(facade).items() if len(modules) > 1}


def test_no_two_classes_share_a_name() -> None:
    assert repeated_names(FACADE) == DOCUMENTED_TWICE


def test_the_check_finds_a_repeated_name(tmp_path: Path) -> None:
    """In any folder, at any depth of the module; the two variants of one class are no repetition."""
    for module, source in {
        "_async/client.py": "class Client: pass",
        "_sync/client.py": "class Client: pass",
        "_transport/pool_async.py": "class Pool: pass",
        "_transport/pool_sync.py": "class Pool: pass",
        "_core/state.py": "class Connection: pass",
        "testing/server.py": "def make():\n    class Connection: pass",
    }.items():
        (tmp_path / module).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / module).write_text(source)
    assert repeated_names(tmp_path) == {"Connection": {"_core/state.py", "testing/server.py"}}
