"""All pages of the site that are made rather than written."""

from pathlib import Path

from scripts.descriptions import Descriptions
from scripts.docs_site import commands, errors, events, names, operations, settings

ROOT = Path(__file__).resolve().parents[2]


def made_pages() -> dict[str, str]:
    """Their Markdown, by path below `docs/`."""
    words = Descriptions(ROOT / "swagger/descriptions")
    return {
        **operations.pages(words),
        **events.pages(words),
        **errors.pages(),
        **settings.pages(),
        **commands.pages(),
        **names.pages(),
    }
