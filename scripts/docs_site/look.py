"""Looks at the built site as a reader does: in a browser, from files, on a narrow screen, in the dark, by its search box.

`python -m scripts.docs_site.look site` prints what is wrong, one line each, and exits 1 when there is any. Where this machine has
no Chromium it says so, and exits 0.
"""

import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from scripts.docs_site.browser import Browser, chromium
from scripts.docs_site.screenshots import missing

NARROW, WIDE = 360, 1400
# By design with absolute addresses; and many of one kind, of which the other pages of the reference are examples.
ALIKE = ("404.html", "reference/api/", "reference/operations/")
TOO_WIDE = "document.documentElement.scrollWidth > innerWidth"
WITHOUT_PICTURE = "[...document.images].filter(one => !(one.complete && one.naturalWidth > 0)).map(one => one.src)"
SCHEME = "document.body.dataset.mdColorScheme"
TYPE = """(text => { const box = document.querySelector(".md-search__input"); box.focus(); box.value = text;
box.dispatchEvent(new KeyboardEvent("keyup", {bubbles: true})) })(%r)"""
FOUND = '[...document.querySelectorAll(".md-search-result__item > a")].map(one => one.pathname)'
FIRST = 5
# What somebody types, and the page that is among the first ones then.
SEARCHES = {
    "connection lost": "how-to/reconnect.html",
    "attended transfer": "how-to/transfer-attended.html",
    "systemd": "how-to/deploy-with-systemd.html",
    "doctor": "command-line.html",
    "ari-py": "migrate-from-ari-py.html",
    "AriDisabled": "reference/errors.html",
    "ChannelTalkingStarted": "reference/events.html",
    "max_queued_bytes": "reference/settings.html",
}


def complaints(site: Path, browser: Browser) -> Iterator[str]:
    """One line for each thing that is wrong."""
    for page in sorted(site.rglob("*.html")):
        name = page.relative_to(site).as_posix()
        if not name.startswith(ALIKE):
            yield from _of_a_page(page.as_uri(), name, browser)
    home = (site / "index.html").as_uri()
    for dark, scheme in ((False, "default"), (True, "slate")):
        browser.value("localStorage.clear()")  # where the theme keeps what was chosen
        browser.open(home, WIDE, dark=dark)
        with suppress(RuntimeError):
            browser.until(lambda scheme=scheme: browser.value(SCHEME) == scheme, "colours")  # type: ignore[misc]
        if browser.value(SCHEME) != scheme:
            yield f"index.html: its colours are {browser.value(SCHEME)!r} where they are to be {scheme!r}"
    for text, wanted in SEARCHES.items():
        found = searched(browser, home, text)[:FIRST]
        if not any(path.endswith(f"/{wanted}") for path in found):
            yield f"who searches for {text!r} does not find {wanted} but {', '.join(found) or 'nothing'}"


def _of_a_page(url: str, name: str, browser: Browser) -> Iterator[str]:
    browser.open(url, NARROW)
    if browser.value(TOO_WIDE):
        yield f"{name}: wider than a screen of {NARROW} pixels"
    yield from (f"{name}: {picture} is not shown" for picture in browser.value(WITHOUT_PICTURE))
    yield from (f"{name}: loads {one}" for one in browser.requested if one.startswith("http"))
    yield from (f"{name}: {complaint}" for complaint in browser.complaints)


def searched(browser: Browser, home: str, text: str) -> list[str]:
    """The pages that the search box offers, best first; none where it offers nothing."""
    browser.open(home, WIDE)
    browser.value(TYPE % text)
    with suppress(RuntimeError):
        browser.until(lambda: bool(browser.value(FOUND)), "the search box")
    found: list[str] = browser.value(FOUND)
    return list(dict.fromkeys(found))


def main(arguments: list[str]) -> int:
    """Run; 1 when something is wrong."""
    program = chromium()
    if program is None:
        print("no Chromium here: the site was not looked at in a browser")
        return 0
    site = Path(arguments[0]).resolve()
    with Browser(program) as browser:
        lines = [*complaints(site, browser), *missing(site)]
    print("\n".join(lines), end="\n" if lines else "", file=sys.stderr)
    return bool(lines)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
