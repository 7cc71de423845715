"""What the project's own files say of each other is so: sessions, folders, links."""

import ast
import re
import tomllib
from pathlib import Path

import pytest

from scripts.docs_site.pages import made_pages

ROOT = Path(__file__).resolve().parents[2]
REPOSITORY = "https://github.com/asterisk-ari/asterisk-ari"


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def sessions() -> set[str]:
    """The sessions of noxfile.py, those for single Pythons left out."""
    functions = [node for node in ast.parse(text("noxfile.py")).body if isinstance(node, ast.FunctionDef)]
    return {
        node.name for node in functions for mark in node.decorator_list if ast.unparse(mark) in ("nox.session", "each_python")
    }


def test_the_default_sessions_exist() -> None:
    """`nox` without a name runs sessions that are there."""
    [default] = re.findall(r"^nox\.options\.sessions = (\[.+\])$", text("noxfile.py"), re.MULTILINE)
    assert set(ast.literal_eval(default)) <= sessions()


@pytest.mark.parametrize("name", [".ci/run", ".pre-commit-config.yaml", "CONTRIBUTING.md", "README.md", "swagger/README.md"])
def test_sessions_that_are_named_exist(name: str) -> None:
    """Whoever is told to run a session can."""
    named = {word for words in re.findall(r"(?:nox|noxfile\.py) -s ((?:[a-z]+ ?)+)", text(name)) for word in words.split()}
    assert named != set()
    assert named - sessions() == set()


def test_contributing_lists_every_session() -> None:
    """The table of CONTRIBUTING.md has a row for each session, and no other."""
    rows = [
        line.split("|")[1] for line in text("CONTRIBUTING.md").split("## Where things are")[0].splitlines() if line[:2] == "| "
    ]
    assert {name for row in rows for name in re.findall("`(.+?)`", row)} == sessions()


def test_folders_that_contributing_names_exist() -> None:
    """Every folder in the table, and every folder inside `_core`, `_transport` and `_async` that it explains."""
    rows = [line.split("|") for line in text("CONTRIBUTING.md").splitlines() if line.startswith("| `")]
    table = {row[1].strip(" `"): row[2] for row in rows if "/" in row[1]}
    assert len(table) > 8
    for folder, what in table.items():
        assert (ROOT / folder).exists(), folder
        if folder.rpartition("/")[2] in ("_core", "_transport", "_async"):
            inside = {path.name for path in (ROOT / folder).iterdir() if path.is_dir() and path.name != "__pycache__"}
            assert inside <= set(re.findall("`(.+?)`", what)), folder


def test_links_of_the_readme_are_absolute() -> None:
    """The README is shown in other places than the repository; what it links to there exists here."""
    links = re.findall(r"\]\((.+?)\)", text("README.md"))
    assert [link for link in links if not link.startswith("https://")] == []
    own = [link.removeprefix(f"{REPOSITORY}/blob/main/") for link in links if link.startswith(f"{REPOSITORY}/blob/")]
    assert own != []
    assert [name for name in own if not (ROOT / name.partition("#")[0]).exists()] == []


@pytest.mark.parametrize("page", sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "docs").rglob("*.md")))
def test_links_of_the_documents_lead_somewhere(page: str) -> None:
    """A relative link of a page names a file beside it, or a page that the site makes."""
    links = [link.partition("#")[0] for link in re.findall(r"\]\((?!https?://|#)(.+?)\)", text(page))]
    found = [(ROOT / page).parent / link for link in links]
    made = {(ROOT / "docs" / path).resolve() for path in made_pages()}
    assert [path for path in found if not path.exists() and path.resolve() not in made] == []


def test_the_addresses_of_the_project() -> None:
    """What a package index shows beside the package leads to the repository, and to files that exist in it."""
    urls = tomllib.loads(text("pyproject.toml"))["project"]["urls"]
    assert {"Homepage", "Documentation", "Repository", "Issues", "Changelog"} <= urls.keys()
    assert [url for url in urls.values() if not url.startswith(REPOSITORY)] == []
    own = [url.partition("/main/")[2] for url in urls.values() if "/main/" in url]
    assert [name for name in own if not (ROOT / name).exists()] == []


def test_editors_and_tools_are_told_the_same_length() -> None:
    """`.editorconfig` and ruff agree on how long a line may be."""
    length = tomllib.loads(text("pyproject.toml"))["tool"]["ruff"]["line-length"]
    assert f"max_line_length = {length}\n" in text(".editorconfig")


@pytest.mark.parametrize("name", ["bug", "feature", "release"])
def test_issue_templates_are_whole(name: str) -> None:
    """A form without a name, a description or a body is not offered; one that asks for nothing is of no use."""
    form = text(f".github/ISSUE_TEMPLATE/{name}.yml")
    assert all(re.search(rf"^{key}:", form, re.MULTILINE) for key in ("name", "description", "body"))
    assert "required: true" in form


def test_vulnerabilities_are_reported_privately() -> None:
    assert f"{REPOSITORY}/security/advisories/new" in text("SECURITY.md")
