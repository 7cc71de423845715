"""The site for programs that read: `llms.txt` lists its pages, `llms-full.txt` has the text of those that are written by hand."""

import re
from collections.abc import Mapping

INCLUDED = re.compile(r'^--8<-- "(.+)"$', re.MULTILINE)


def listing(pages: Mapping[str, str], about: str) -> str:
    """A title, what it is, and a link to each page, by its path below `docs/`."""
    links = [f"- [{title(text)}]({path.removesuffix('.md')}.html)" for path, text in sorted(pages.items())]
    return "\n".join(["# asterisk-ari", "", f"> {about}", "", "## Pages", "", *links, ""])


def whole(pages: Mapping[str, str], files: Mapping[str, str]) -> str:
    """All these pages, one after the other, with the files that they include."""
    filled = (INCLUDED.sub(lambda found: files[found[1]].rstrip(), text) for _, text in sorted(pages.items()))
    return "\n\n".join(filled)


def title(text: str) -> str:
    """The first heading of a page."""
    found = re.search(r"^# (.+?)(?: \{.*)?$", text, re.MULTILINE)
    return found[1].replace("`", "") if found else ""
