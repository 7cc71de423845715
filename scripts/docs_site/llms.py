"""The documentation for programs that read: `llms.txt` lists its pages, `llms-full.txt` has their text and a short reference.

Nothing but the standard library is used: the wheel is built with it, too (`hatch_build.py`).
"""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

INCLUDED = re.compile(r'^--8<-- "(.+)"$', re.MULTILINE)
LISTED = re.compile(r"^( +)- (?:([^\n:]+): ?)?(\S+\.md)?$", re.MULTILINE)
ABOUT = re.compile(r"^site_description: (.+)$", re.MULTILINE)
MODULES = "- Modules: reference/api/NAME.html, where NAME is a public module, such as asterisk_ari.errors\n"


def texts(root: Path) -> dict[str, str]:
    """Both files, of a checkout."""
    docs, shipped = root / "docs", root / "facade/asterisk_ari/docs"
    pages = {path.relative_to(docs).as_posix(): path.read_text(encoding="utf-8") for path in docs.rglob("*.md")}
    included = {name for text in pages.values() for name in INCLUDED.findall(text)}
    files = {
        name: next(base / name for base in (docs, shipped) if (base / name).exists()).read_text("utf-8") for name in included
    }
    site = (root / "mkdocs.yml").read_text(encoding="utf-8")
    return {"llms.txt": listing(site, pages), "llms-full.txt": whole(pages, files) + reference(root)}


def listing(site: str, pages: Mapping[str, str]) -> str:
    """A title, what it is, and a link to each page of the navigation of `mkdocs.yml`, under its headings."""
    about = ABOUT.search(site)
    lines = ["# asterisk-ari", "", f"> {about[1] if about else ''}", ""]
    for indent, name, path in LISTED.findall(site.partition("\nnav:\n")[2]):
        if path:
            lines.append(f"- [{name or title(pages.get(path, '')) or path}]({path.removesuffix('.md')}.html)")
        else:
            lines += ["", f"{'#' * (2 + len(indent) // 6)} {name}", ""]
    return re.sub("\n{3,}", "\n\n", "\n".join([*lines, MODULES]))


def whole(pages: Mapping[str, str], files: Mapping[str, str]) -> str:
    """All these pages, one after the other, with the files that they include."""
    filled = (INCLUDED.sub(lambda found: files[found[1]].rstrip(), text) for _, text in sorted(pages.items()))
    return "\n\n".join(filled)


def reference(root: Path) -> str:
    """Every operation with what it does, the events that it causes and what to look out for; every error with cause and cure."""
    lines = ["\n\n# Operations, in short\n"]
    effects = _toml(root / "scripts/docs_site/effects.toml")
    for file in sorted((root / "swagger/descriptions/operations").glob("*.toml")):
        lines += (
            f"- `{name}`: {words['summary']}{_effect(effects[name])}" for name, words in _toml(file).items() if name in effects
        )
    lines.append("\n# Errors, in short\n")
    errors = _toml(root / "scripts/docs_site/errors.toml")
    lines += (f"- `{name}`: {words['cause']} Cure: {words['cure']}" for name, words in errors.items())
    return "\n".join([*lines, ""])


def _effect(effect: Mapping[str, Any]) -> str:
    events = f" Events: {', '.join(effect['events'])}." if "events" in effect else ""
    return f"{events} Look out: {effect['trap']}"


def _toml(file: Path) -> dict[str, Any]:
    return tomllib.loads(file.read_text(encoding="utf-8"))


def title(text: str) -> str:
    """The first heading of a page."""
    found = re.search(r"^# (.+?)(?: \{.*)?$", text, re.MULTILINE)
    return found[1].replace("`", "") if found else ""
