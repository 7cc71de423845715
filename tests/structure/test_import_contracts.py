"""The contracts on imports in `pyproject.toml` hold, and each of them notices a module that breaks it."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of both packages, to break and to put right again."""
    folder = tmp_path_factory.mktemp("checkout")
    for name in ("facade/asterisk_ari", "generated/ari_rest"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def lint_imports(checkout: Path) -> subprocess.CompletedProcess[str]:
    """What `lint-imports` says of that checkout under this repository's contracts."""
    program = Path(sys.executable).parent / "lint-imports"
    command = [str(program), "--cache-dir", str(checkout / ".cache"), "--no-logo", str(ROOT / "pyproject.toml")]
    paths = os.pathsep.join(map(str, (checkout / "facade", checkout / "generated", ROOT)))
    environment = {**os.environ, "PYTHONPATH": paths, "NO_COLOR": "1", "COLUMNS": "200"}
    return subprocess.run(command, cwd=checkout, env=environment, capture_output=True, text=True, check=False)


def broken(run: subprocess.CompletedProcess[str]) -> list[str]:
    """The names of the contracts that do not hold."""
    return re.findall(r"^(.+) BROKEN", run.stdout, re.MULTILINE)


def test_the_contracts_hold(checkout: Path) -> None:
    """Nothing in the packages as they are breaks a contract."""
    run = lint_imports(checkout)
    assert (run.returncode, broken(run)) == (0, []), run.stdout + run.stderr


LAYERS = "Imports point one way: a module uses those of the layers below it"
GENERATED = "The generated client stands alone"
VARIANTS = "The asynchronous and the synchronous variant never meet"
PURE = "What decides has no I/O, no clock, no threads"
EXTRAS = "What an extra installs is needed by its own package alone"
COMPAT = "Other clients' interfaces are built on the public one"
KITS = "Kits are built on public names"
EDGES = "Only the transport touches sockets, threads and tasks"
ACYCLIC = "No cycles, among packages and among modules"
PACKAGES = "No cycle of a package and a module in it"
FACADE, GENERATED_CLIENT = "facade/asterisk_ari", "generated/ari_rest"
CHECKED = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    "


@pytest.mark.parametrize(
    ("contract", "module", "line"),
    [
        (LAYERS, f"{FACADE}/_core/requests/request.py", "import asterisk_ari._transport.tls"),
        (LAYERS, f"{FACADE}/_core/requests/request.py", f"{CHECKED}import asterisk_ari._transport.tls"),
        (LAYERS, f"{FACADE}/_transport/tls.py", "import asterisk_ari._async.client"),
        (LAYERS, f"{FACADE}/errors.py", "import asterisk_ari.settings"),
        (LAYERS, f"{FACADE}/_async/client.py", "import asterisk_ari.testing.embedded"),
        (LAYERS, f"{FACADE}/in_no_layer.py", ""),
        (GENERATED, f"{GENERATED_CLIENT}/errors.py", "import asterisk_ari.errors"),
        (VARIANTS, f"{FACADE}/_async/client.py", "import asterisk_ari._sync.client"),
        (VARIANTS, f"{FACADE}/_async/client.py", f"{CHECKED}import asterisk_ari._sync.client"),
        (VARIANTS, f"{FACADE}/_transport/http/client_async.py", "import asterisk_ari._transport.http.client_sync"),
        (VARIANTS, f"{FACADE}/_sync/client.py", "import asterisk_ari._transport.http.client_async"),
        (PURE, f"{FACADE}/_core/requests/request.py", "import time"),
        (PURE, f"{FACADE}/_core/requests/request.py", f"{CHECKED}from asyncio import Task"),
        (PURE, f"{FACADE}/errors.py", "import socket"),
        (LAYERS, f"{FACADE}/testing/embedded.py", "import asterisk_ari.cli.profile"),
        (EXTRAS, f"{FACADE}/_core/requests/request.py", "import rich.text"),
        (EXTRAS, f"{FACADE}/_transport/tls.py", "import requests"),
        (LAYERS, f"{FACADE}/cli/profile.py", "import asterisk_ari.compat.ari"),
        (COMPAT, f"{FACADE}/compat/ari/model.py", "import asterisk_ari._sync.client"),
        (KITS, f"{FACADE}/kits/_async/queue.py", "import asterisk_ari._transport.runtime.client_clock"),
        (KITS, f"{FACADE}/kits/_core/line.py", "from asterisk_ari._core.calls import questions"),
        (EDGES, f"{FACADE}/_async/client.py", "import asyncio"),
        (EDGES, f"{FACADE}/_sync/resources/channels.py", "from threading import Thread"),
        (ACYCLIC, f"{FACADE}/_core/requests/naming.py", f"{CHECKED}import asterisk_ari._core.requests.plan"),
        (ACYCLIC, f"{FACADE}/_core/requests/ids.py", "import asterisk_ari._core.reconnect.subscriptions"),
        (ACYCLIC, f"{FACADE}/_core/events/decode.py", "import asterisk_ari._core.reconnect.subscriptions"),
        (ACYCLIC, f"{FACADE}/testing/machine/facts.py", f"{CHECKED}import asterisk_ari.testing.server.server"),
        (PACKAGES, f"{FACADE}/_async/client.py", f"{CHECKED}import asterisk_ari"),
    ],
)
def test_a_module_that_breaks_a_contract_is_found(contract: str, module: str, line: str, checkout: Path) -> None:
    """One import that a contract forbids, put at the end of a module, is found by that contract."""
    file = checkout / module
    text = file.read_text(encoding="utf-8") if file.exists() else None
    file.write_text(f"{text or ''}\n{line}\n", encoding="utf-8")
    run = lint_imports(checkout)
    if text is None:
        file.unlink()
    else:
        file.write_text(text, encoding="utf-8")
    assert (run.returncode, contract in broken(run)) == (1, True), run.stdout + run.stderr
