"""The pages of public names: which page shows which, for mkdocstrings to fill in from the docstrings."""

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import asterisk_ari
from scripts.docs_site.words import MADE

# The classes of both clients, by what they are about.
TOPICS: dict[str, tuple[str, ...]] = {
    "client": ("AsyncAsteriskARI", "Registration", "Waiter", "Stats", "Events"),
    "calls": (
        *(
            "Call",
            "Answer",
            "Digits",
            "Recorded",
            "Prompts",
            "MenuOptions",
            "Target",
            "DialResult",
            "Answered",
            "Busy",
            "NoAnswer",
        ),
        *("Declined", "Failed", "Cancelled", "TargetOutcome", "Progress", "Ended", "OriginateOptions"),
        *(
            "Transferred",
            "AttendedTransfer",
            "TransferRequest",
            "Transfers",
            "TransferResult",
            "Supervision",
            "Tap",
            "TapOptions",
        ),
    ),
    "channels": ("Channel", "Channels", "Snoop", "AnyChannel", "Variables", "OwnsChannel", "Handle", "Observed"),
    "bridges": ("Bridge", "Bridges", "Playback", "Playbacks", "Media", "LiveRecording", "StoredRecording", "Recordings"),
    "server": (
        *("Application", "Applications", "Asterisk", "InfoSection", "DeviceState", "DeviceStates", "Endpoint", "Endpoints"),
        *("Mailbox", "Mailboxes", "Sound", "Sounds"),
    ),
    "audio": (
        *(
            "MediaStream",
            "MediaOptions",
            "MediaServer",
            "MediaStats",
            "MediaStatus",
            "AudioFrame",
            "Utterance",
            "Spoken",
            "Speaker",
        ),
        *("CachedSpeaker", "EspeakNG", "Turns", "BargeIn", "BargeInPolicy", "Interrupted", "SpeechStarted", "SpeechEnded", "Vad"),
        "StereoRecording",
    ),
}
VARIANTS = ("aio", "sync")
TITLES = {
    "client": "the client",
    "calls": "calls as programs",
    "channels": "channels",
    "bridges": "bridges, playbacks, recordings",
    "server": "the server",
    "audio": "audio of calls",
}
# Modules that have a page of their own: all that are public, but for the clients' (by topic, above) and those made from facts.
PACKAGE = Path(asterisk_ari.__file__).parent
PAGES_OF_FACTS = ("errors", "events", "settings", "aio", "sync", "cli", "docs")
PACKAGES = (
    "asterisk_ari",
    "asterisk_ari.building_blocks.aio",
    "asterisk_ari.building_blocks.pure",
    "asterisk_ari.building_blocks.sync",
    "asterisk_ari.kits.aio",
    "asterisk_ari.kits.sync",
    "asterisk_ari.leases.aio",
    "asterisk_ari.leases.sync",
    "asterisk_ari.compat.ari",
    "asterisk_ari.compat.ari.wazo",
)
# A search finds each name once: on the asynchronous client's page.
UNSEARCHED = ("---", "search: {exclude: true}", "---")
# Shown on a page that is made from facts, or under the name that it has there.
ELSEWHERE = {
    "asterisk_ari": ("AsteriskARI", "AsyncAsteriskARI"),
    "asterisk_ari.compat.ari": ("Reconnect", "client"),
    "asterisk_ari.events": ("CLIENT_MADE", "EventName", "subject_of"),
}


def public_names(module: str) -> list[str]:
    """What a module offers: its `__all__`, or what is defined in it."""
    found: Any = import_module(module)
    own = [name for name, item in vars(found).items() if not name.startswith("_") and getattr(item, "__module__", "") == module]
    return list(getattr(found, "__all__", own))


def modules() -> list[str]:
    """Every public module that has a page of its own."""
    found = [
        f"asterisk_ari.{path.stem}"
        for path in sorted(PACKAGE.iterdir())
        if not path.stem.startswith("_") and (path.suffix == ".py" or (path / "__init__.py").exists())
    ]
    named = [name for name in found if name.rpartition(".")[2] not in PAGES_OF_FACTS and public_names(name)]
    return [*PACKAGES, *(name for name in named if name not in PACKAGES)]


def topics() -> dict[str, list[str]]:
    """Which topic has which names of `asterisk_ari.aio`; what none of them names is on the page of the client."""
    public = public_names("asterisk_ari.aio")
    named = {name for names in TOPICS.values() for name in names}
    found = {topic: [name for name in names if name in public] for topic, names in TOPICS.items()}
    found["client"] += [name for name in public if name not in named]
    return found


def pages() -> dict[str, str]:
    """Every page, by its path below `docs/`."""
    found = {
        f"reference/api/{variant}-{topic}.md": _topic(variant, topic, names)
        for variant in VARIANTS
        for topic, names in topics().items()
    }
    found |= {f"reference/api/{module}.md": _module(module) for module in modules()}
    found["reference/api/asterisk_ari.events.md"] = _events()
    return found


def _topic(variant: str, topic: str, asynchronous: list[str]) -> str:
    word = "asyncio" if variant == "aio" else "sync"
    names = [name.removeprefix("Async") if variant == "sync" else name for name in asynchronous]
    other = "sync" if variant == "aio" else "aio"
    lines = [
        *(UNSEARCHED if variant == "sync" else ()),
        f"{MADE}# {TITLES[topic].capitalize()} ({word})",
        "",
        f"From `asterisk_ari.{variant}`. The other client has the same: [`asterisk_ari.{other}`]({other}-{topic}.md).",
        "",
        *_shown(f"asterisk_ari.{variant}", names),
    ]
    return "\n".join(lines)


def _module(module: str) -> str:
    names = [name for name in public_names(module) if name not in ELSEWHERE.get(module, ())]
    doc = import_module(module).__doc__ or ""
    return "\n".join([f"{MADE}# `{module}`", "", *_prose(doc), "", *_shown(module, names)])


def _events() -> str:
    module = "asterisk_ari.events"
    names = public_names(module)
    lines = [f"{MADE}# Events as classes: `{module}`", "", "[Events](../events.md) has every type with its fields.", ""]
    return "\n".join([*lines, *_shown(module, names)])


def _prose(doc: str) -> Iterator[str]:
    """The first paragraphs of a module, up to an example."""
    for paragraph in doc.split("\n\n"):
        if paragraph.startswith(("from ", "    ")):
            return
        yield from (paragraph.strip(), "")


def _shown(module: str, names: list[str]) -> Iterator[str]:
    for name in names:
        yield from (f"::: {module}.{name}", "")
