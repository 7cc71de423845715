"""What is built holds what it must: every release of `swagger/`, one added a minute ago included."""

import configparser
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from scripts.docs_site import llms
from tests.embedded.user_tests import PLUGIN

ROOT = Path(__file__).resolve().parents[2]
NEW = "asterisk-99.0.0.json"
PARTS = (
    *("facade", "generated", "swagger", "docs", "scripts", "pyproject.toml", "README.md", "LICENSE", "noxfile.py", "mkdocs.yml"),
    "hatch_build.py",
)
# Made when it is built: the documentation as plain text.
MADE = {"asterisk_ari/docs/llms.txt", "asterisk_ari/docs/llms-full.txt"}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with wheel and sdist of a checkout with one release more, and the wheel built from that sdist."""
    checkout = tmp_path_factory.mktemp("checkout")
    for part in PARTS:
        source = ROOT / part
        if source.is_dir():
            shutil.copytree(source, checkout / part, ignore=shutil.ignore_patterns("__pycache__", ".new-*"))
        else:
            shutil.copyfile(source, checkout / part)
    (checkout / "swagger" / NEW).write_text("{}\n", encoding="utf-8")
    result = tmp_path_factory.mktemp("built")
    build(checkout, result)
    with tarfile.open(next(result.glob("*.tar.gz"))) as archive:
        archive.extraction_filter = getattr(tarfile, "data_filter", None)  # since 3.11.4
        archive.extractall(result / "unpacked")
    build(next((result / "unpacked").iterdir()), result / "again")
    return result


def build(source: Path, target: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "--directory", str(target)]
    done = subprocess.run(command, cwd=source, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def wheel_files(folder: Path) -> set[str]:
    with zipfile.ZipFile(next(folder.glob("*.whl"))) as archive:
        return {name for name in archive.namelist() if ".dist-info/" not in name}


def test_every_release_is_in_the_wheel(built: Path) -> None:
    """The definitions in the wheel are those of `swagger/`: no list of them is kept anywhere."""
    expected = {file.name for file in (ROOT / "swagger").glob("asterisk-*.json")} | {NEW}
    folder = "asterisk_ari/testing/definitions/"
    assert {name.removeprefix(folder) for name in wheel_files(built) if name.startswith(folder)} == expected


def test_every_module_is_in_the_wheel(built: Path) -> None:
    """Both packages are whole, with their type markers, and nothing else lies beside them."""
    packages = {"asterisk_ari": ROOT / "facade/asterisk_ari", "ari_rest": ROOT / "generated/ari_rest"}
    expected = {
        f"{name}/{file.relative_to(folder)}"
        for name, folder in packages.items()
        for file in folder.rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    }
    definitions = "asterisk_ari/testing/definitions/"
    assert {name for name in wheel_files(built) if not name.startswith(definitions)} == expected | MADE
    with zipfile.ZipFile(next(built.glob("*.whl"))) as archive:
        texts = {name: archive.read(name).decode() for name in MADE}
    assert texts == {f"asterisk_ari/docs/{name}": text for name, text in llms.texts(ROOT).items()}


def test_the_wheel_brings_the_command_and_the_pytest_plugin(built: Path) -> None:
    with zipfile.ZipFile(next(built.glob("*.whl"))) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/entry_points.txt"))
        points = configparser.ConfigParser()
        points.read_string(archive.read(name).decode())
    assert dict(points["pytest11"]) == {"asterisk_ari": PLUGIN}
    assert "asterisk-ari" in points["console_scripts"]


def test_the_sdist_builds_the_same_wheel(built: Path) -> None:
    """Who builds from the sdist gets the files that the wheel has."""
    assert wheel_files(built / "again") == wheel_files(built)
