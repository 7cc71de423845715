"""What MkDocs asks while it builds the site: the pages that are made from the project's facts."""

from pathlib import Path
from typing import Any

from mkdocs.structure.files import File

from scripts.docs_site.ladders import pictures
from scripts.docs_site.llms import texts
from scripts.docs_site.names import modules
from scripts.docs_site.pages import made_pages


def on_files(files: Any, config: Any) -> Any:
    """Put the pages that are made beside those of `docs/`."""
    for path, text in (made_pages() | pictures()).items():
        files.append(File.generated(config, path, content=text))
    return files


def on_config(config: Any) -> Any:
    """List the pages of all public modules under Reference, Modules."""
    reference = next(section["Reference"] for section in config.nav if "Reference" in section)
    reference.append({"Modules": [{name: f"reference/api/{name}.md"} for name in [*modules(), "asterisk_ari.events"]]})
    return config


def on_post_build(config: Any) -> None:
    """Write the list of pages, and all that is written, as plain text."""
    for name, text in texts(Path(config.docs_dir).parent).items():
        (Path(config.site_dir) / name).write_text(text, encoding="utf-8")
