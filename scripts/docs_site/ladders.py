"""The pictures of calls on the site: examples are run on the embedded Asterisk, and what happened is drawn.

`python -m scripts.docs_site.ladders` draws the README's anew.
"""

import importlib.util
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path
from types import ModuleType

from asterisk_ari import AsteriskARI
from asterisk_ari._core.ladder.recording import RecordedEntry
from asterisk_ari._core.ladder.sequence import sequence_of
from asterisk_ari.cli.ladder.page import svg
from asterisk_ari.testing import EmbeddedAsterisk
from asterisk_ari.testing.report import entries_of
from scripts.docs_site.scenes import EXAMPLES, SCENES, played

ROOT = Path(__file__).resolve().parents[2]
ATTEMPTS = 3
README_PICTURE = ROOT / "docs/hello-ladder.svg"


def pictures() -> dict[str, str]:
    """SVG by its path below `docs/`: of the first program, and of the tutorials."""
    calls = {"hello": hello} | {name: partial(_tutorial, name) for name in SCENES}
    return {f"assets/{name}-ladder.svg": svg(sequence_of(call(), [])) for name, call in calls.items()}


def _tutorial(name: str) -> list[RecordedEntry]:
    for _ in range(ATTEMPTS - 1):
        with suppress(TimeoutError):
            return played(name)
    return played(name)


def hello() -> list[RecordedEntry]:
    """The call of `hello.py`, whose other end types four digits.

    Raises:
        RuntimeError: what was typed did not arrive, three times: a busy machine may be too slow for a caller once.
    """
    for _ in range(ATTEMPTS):
        typed, entries = _hello()
        if typed == "1234":
            return entries
    raise RuntimeError(f"hello.py took {typed!r} for 1234")


def _hello() -> tuple[str, list[RecordedEntry]]:
    with (
        EmbeddedAsterisk() as asterisk,
        AsteriskARI(url=asterisk.url, username=asterisk.username, password=asterisk.password, app_name="hello") as ari,
        ThreadPoolExecutor(1) as beside,
    ):
        typed = beside.submit(_example("hello").greet, ari, "PJSIP/100@trunk")
        asterisk.wait_until(lambda: asterisk.events.of("PlaybackFinished"), timeout=60)
        phone = asterisk.phone_of(asterisk.events.of("StasisStart")[0]["channel"]["id"])
        for digit in "1234":
            phone.press(digit)
            asterisk.advance(0.3)
        return typed.result(60), entries_of(asterisk.log)


def _example(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, EXAMPLES / f"{name}.py")
    if spec is None or spec.loader is None:
        raise FileNotFoundError(name)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


if __name__ == "__main__":
    README_PICTURE.write_text(pictures()["assets/hello-ladder.svg"], encoding="utf-8")
