"""A name of a class means one thing in the whole facade and in the scripts."""

import ast
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCES = (ROOT / "facade/asterisk_ari", ROOT / "scripts")
# The generated client is another package.
APART = ("templates/",)
# The stand-in for ari-py has the names of ari-py's classes; all its others are its own.
OF_ARI_PY = {
    f"asterisk_ari/compat/ari/model.py:{name}"
    for name in (
        "Bridge",
        "Channel",
        "DeviceState",
        "Endpoint",
        "LiveRecording",
        "Mailbox",
        "Playback",
        "Sound",
        "StoredRecording",
    )
}


def homes_by_class_name(folders: Iterable[Path]) -> dict[str, set[str]]:
    """The modules that define a class of each name. A sync module counts as the async one it is generated from."""
    homes = defaultdict(set)
    for folder in folders:
        for file in folder.rglob("*.py"):
            module = file.relative_to(folder).as_posix().replace("_sync/", "_async/").replace("_sync.py", "_async.py")
            if module.startswith(APART):
                continue
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.ClassDef) and f"{folder.name}/{module}:{node.name}" not in OF_ARI_PY:
                    homes[node.name].add(f"{folder.name}/{module}")
    return homes


def repeated_names(*folders: Path) -> dict[str, set[str]]:
    return {name: modules for name, modules in homes_by_class_name(folders).items() if len(modules) > 1}


def test_no_two_classes_share_a_name() -> None:
    """But for the two variants of one class. A class of `asterisk_ari.testing` never has the name of one of the client."""
    assert repeated_names(*SOURCES) == {}


def test_the_check_finds_a_repeated_name(tmp_path: Path) -> None:
    """In any folder, at any depth of the module; the two variants of one class are no repetition."""
    for module, source in {
        "facade/_async/client.py": "class Client: pass",
        "facade/_sync/client.py": "class Client: pass",
        "facade/_transport/pool_async.py": "class Pool: pass",
        "facade/_transport/pool_sync.py": "class Pool: pass",
        "facade/_core/state.py": "class Connection: pass",
        "facade/testing/server.py": "def make():\n    class Connection: pass",
        "facade/cli/facts.py": "class Facts: pass",
        "scripts/facts.py": "class Facts: pass",
        "scripts/templates/records.py": "class Client: pass",
        "asterisk_ari/compat/ari/model.py": "class Channel: pass\nclass Pool: pass",
        "asterisk_ari/_async/channels.py": "class Channel: pass",
        "asterisk_ari/_async/pool.py": "class Pool: pass",
    }.items():
        (tmp_path / module).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / module).write_text(source)
    assert repeated_names(tmp_path / "facade", tmp_path / "scripts") == {
        "Connection": {"facade/_core/state.py", "facade/testing/server.py"},
        "Facts": {"facade/cli/facts.py", "scripts/facts.py"},
    }
    assert repeated_names(tmp_path / "asterisk_ari") == {
        "Pool": {"asterisk_ari/compat/ari/model.py", "asterisk_ari/_async/pool.py"}
    }
