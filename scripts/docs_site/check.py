"""Looks at the site that was built: every link leads somewhere, nothing is loaded from elsewhere, every public name is on a page.

`python -m scripts.docs_site.check site` prints what is wrong, one line each, and exits 1 when there is any.
"""

import re
import sys
from collections.abc import Iterator
from functools import cached_property
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

from ari_rest._meta import EVENT_TYPES, OPERATIONS
from scripts.docs_site.commands import all_commands
from scripts.docs_site.errors import all_errors
from scripts.docs_site.names import pages as name_pages

# What a browser fetches by itself, by the attribute that says where from. Of <link> these kinds alone.
LOADED = {("script", "src"), ("img", "src"), ("iframe", "src"), ("source", "src"), ("link", "href")}
LOADED_LINKS = {"stylesheet", "icon", "preload", "prefetch", "preconnect", "modulepreload"}
CSS_URL = re.compile(r"url\(\s*['\"]?(https?:|//)")

UNFILLED = re.compile(r"--8 ?<")  # how a page says that a file is to be put in


class Page(HTMLParser):
    """The anchors, links and loaded files of one page."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self.anchors: set[str] = set()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.text = ""
        self.feed(file.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what one element has."""
        found = {name: value or "" for name, value in attrs}
        self.anchors.update(found[name] for name in ("id", "name") if name in found)
        for name in ("href", "src"):
            if name not in found:
                continue
            is_loaded = (tag, name) in LOADED and (tag != "link" or bool(LOADED_LINKS & set(found.get("rel", "").split())))
            (self.loaded if is_loaded else self.links).append(found[name])

    def handle_data(self, data: str) -> None:
        """Note what can be read."""
        self.text += data


class Site:
    """All pages of a built site."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()

    @cached_property
    def pages(self) -> dict[Path, Page]:
        """By their file; the page for what does not exist has absolute links by design."""
        return {file: Page(file) for file in sorted(self.folder.rglob("*.html")) if file.name != "404.html"}

    def complaints(self) -> Iterator[str]:
        """One line for each thing that is wrong."""
        if not self.pages:
            yield f"{self.folder}: no pages"
            return
        for file, page in self.pages.items():
            where = file.relative_to(self.folder)
            yield from (f"{where}: loads {url} from elsewhere" for url in page.loaded if _is_elsewhere(url))
            if UNFILLED.search(page.text):
                yield f"{where}: a file was to be put in, and was not"
            for url in (*page.links, *page.loaded):
                if not self._leads_somewhere(file, url):
                    yield f"{where}: {url} leads nowhere"
        for style in self.folder.rglob("*.css"):
            if CSS_URL.search(style.read_text(encoding="utf-8")):
                yield f"{style.relative_to(self.folder)}: loads something from elsewhere"
        yield from (f"{page}: {anchor} is missing" for page, anchor in expected() if anchor not in self._anchors(page))

    def _leads_somewhere(self, file: Path, url: str) -> bool:
        parts = urlsplit(url)
        if parts.scheme or parts.netloc:
            return True  # not asked: nothing here needs a network
        target = (file.parent / unquote(parts.path)).resolve() if parts.path else file
        target = target / "index.html" if target.is_dir() else target
        if not target.exists():
            return False
        fragment = unquote(parts.fragment)
        return not fragment or target not in self.pages or fragment in self.pages[target].anchors or fragment.startswith("__")

    def _anchors(self, page: str) -> set[str]:
        found = self.pages.get(self.folder / page)
        return found.anchors if found else set()


def _is_elsewhere(url: str) -> bool:
    return bool(urlsplit(url).netloc)


def expected() -> Iterator[tuple[str, str]]:
    """What the site must explain: the page, and the anchor on it."""
    yield from ((f"reference/operations/{name.partition('.')[0]}.html", name) for name in OPERATIONS)
    yield from (("reference/events.html", name) for name in EVENT_TYPES)
    yield from (("reference/errors.html", name) for name in all_errors())
    yield from (("reference/commands.html", name) for name in all_commands())
    for path, text in name_pages().items():
        for name in re.findall(r"^::: (\S+)$", text, re.MULTILINE):
            yield path.removesuffix(".md") + ".html", name


def main(arguments: list[str]) -> int:
    """Run; 1 when something is wrong."""
    complaints = list(Site(Path(arguments[0])).complaints())
    print("\n".join(complaints), end="\n" if complaints else "", file=sys.stderr)
    return bool(complaints)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
