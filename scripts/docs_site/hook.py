"""What MkDocs asks while it builds the site: the pages that are made from the project's facts."""

import os
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File

from scripts.docs_site.ladders import pictures
from scripts.docs_site.llms import texts
from scripts.docs_site.names import modules
from scripts.docs_site.pages import made_pages
from scripts.docs_site.screenshots import filled, screenshots

WRITTEN = 3
"""How much more a page of `docs/` counts in the search than one that is made."""


def on_files(files: Any, config: Any) -> Any:
    """Put the pages that are made beside those of `docs/`."""
    taken = screenshots()
    config.extra["screenshots"] = tuple(taken)
    made: dict[str, str | bytes] = {**made_pages(), **pictures(), **taken}
    for path, content in made.items():
        files.append(File.generated(config, path, content=content))
    return files


def on_config(config: Any) -> Any:
    """List the pages of all public modules under Reference, Modules."""
    reference = next(section["Reference"] for section in config.nav if "Reference" in section)
    reference.append({"Modules": [{name: f"reference/api/{name}.md"} for name in [*modules(), "asterisk_ari.events"]]})
    # Only `mike` keeps versions; the theme asks for a list of them wherever they are spoken of.
    if "MIKE_DOCS_VERSION" not in os.environ:
        config.extra.pop("version")
    return config


def on_page_markdown(markdown: str, page: Any, config: Any, **others: Any) -> str:
    """Who searches finds what is written for people ahead of what is listed; screenshots are put in, where they were taken."""
    del others
    if not page.file.src_uri.startswith("reference/"):
        page.meta.setdefault("search", {"boost": WRITTEN})
    return filled(markdown, page.file.src_uri, config.extra["screenshots"])


def on_post_build(config: Any) -> None:
    """Write the list of pages, and all that is written, as plain text."""
    for name, text in texts(Path(config.docs_dir).parent).items():
        (Path(config.site_dir) / name).write_text(text, encoding="utf-8")
