"""Screenshots of the site: what is on them, where pages show them, and that a machine without a browser builds the site as well."""

import re
import struct
from pathlib import Path

import pytest

from scripts.docs_site import screenshots
from scripts.docs_site.browser import chromium

ROOT = Path(__file__).resolve().parents[2]
NAMES = {"doctor", "tail", "calls", "ladder-light", "ladder-dark"}
PAGES = {page.relative_to(ROOT / "docs").as_posix(): page.read_text(encoding="utf-8") for page in (ROOT / "docs").rglob("*.md")}
WITH_BROWSER = pytest.mark.skipif(chromium() is None, reason="no Chromium here")


def marked() -> dict[str, set[str]]:
    """The names of the pictures that each page asks for."""
    asked = {page: {name for name, _ in screenshots.MARK.findall(text)} for page, text in PAGES.items()}
    return {page: names for page, names in asked.items() if names}


def size_of(png: bytes) -> tuple[int, int]:
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", png[16:24])
    return width, height


def test_what_the_commands_print() -> None:
    """Colours of a terminal, and what a reader is to see; the requests of the commands are not in the call."""
    printed, entries = screenshots.shown()
    text = {name: re.sub("\x1b\\[[0-9;]*m", "", output) for name, (_, output) in printed.items()}
    assert all("\x1b[" in output for _, output in printed.values())
    assert printed["doctor"][0] == "asterisk-ari doctor --app ivr --endpoint PJSIP/alice"
    assert "✗ endpoint   endpoint PJSIP/alice is offline" in text["doctor"]
    assert text["doctor"].splitlines()[-1].startswith("1 fault")
    assert [word for word in ("Ann <1234>", "PJSIP/bob-", "Stasis(ivr)", "desk") if word not in text["calls"]] == []
    assert [
        word
        for word in ("ChannelCreated", "ChannelDtmfReceived", "ChannelEnteredBridge", "ChannelDestroyed")
        if word not in text["tail"]
    ] == []
    requests = {entry.request["method"] for entry in entries if entry.request}
    assert requests == {"POST", "DELETE"}


@WITH_BROWSER
def test_the_pictures() -> None:
    """Each is one, large enough to be read; the page of a ladder differs in the dark."""
    made = screenshots.screenshots()
    assert set(made) == {f"assets/screenshots/{name}.png" for name in NAMES}
    sizes = {Path(path).stem: size_of(picture) for path, picture in made.items()}
    assert all(width > 1000 and height > 200 for width, height in sizes.values()), sizes
    assert made["assets/screenshots/ladder-light.png"] != made["assets/screenshots/ladder-dark.png"]
    assert sum(map(len, made.values())) < 2_000_000


def test_every_picture_is_on_a_page_and_no_other_is_asked_for() -> None:
    asked = set().union(*marked().values())
    assert asked == {name.partition("-")[0] for name in NAMES}


@pytest.mark.parametrize("page", marked())
def test_a_page_shows_what_was_made(page: str) -> None:
    """With a text for those who see no pictures; nothing is left of the marks."""
    filled = screenshots.filled(PAGES[page], page, [f"assets/screenshots/{name}.png" for name in NAMES])
    pictures = re.findall(r"!\[(.+?)\]\((.+?\.png)(#only-\w+)?\)", filled)
    assert {Path(path).stem.partition("-")[0] for _, path, _ in pictures} == marked()[page]
    assert [
        path
        for _, path, _ in pictures
        if (ROOT / "docs" / page).parent.joinpath(path).resolve().parent != ROOT / "docs/assets/screenshots"
    ] == []
    assert all(len(text) > 40 for text, _, _ in pictures)
    assert {side for _, path, side in pictures if "ladder" in path} <= {"#only-light", "#only-dark"}
    assert "<!-- picture" not in filled


def test_without_a_browser_there_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """And pages say nothing in their place."""
    monkeypatch.setattr(screenshots, "chromium", lambda: None)
    assert screenshots.screenshots() == {}
    for page in marked():
        filled = screenshots.filled(PAGES[page], page, ())
        assert "![" not in filled
        assert "picture:" not in filled


def test_a_built_page_without_its_picture_is_named(tmp_path: Path) -> None:
    """Where there is a browser, each page that asks for a picture has it."""
    for page, names in marked().items():
        built = tmp_path / page.replace(".md", ".html")
        built.parent.mkdir(parents=True, exist_ok=True)
        built.write_text(
            "".join(f'<img src="../assets/screenshots/{name}.png">' for name in NAMES if name.partition("-")[0] in names)
        )
    assert list(screenshots.missing(tmp_path)) == []
    debugging = tmp_path / "how-to/debug-a-call.html"
    debugging.write_text(debugging.read_text().replace("screenshots/tail", "screenshots/other"))
    assert list(screenshots.missing(tmp_path)) == ["how-to/debug-a-call.html: the picture of tail is not on it"]
