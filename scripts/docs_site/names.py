"""The pages of public names: which page shows which, for mkdocstrings to fill in from the docstrings."""

from collections.abc import Iterator
from importlib import import_module
from typing import Any

from scripts.docs_site.words import MADE

# The classes of both clients, by what they are about. A name of `asterisk_ari.aio` that is in none of these fails the build.
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
TITLES = {
    "client": "the client",
    "calls": "calls as programs",
    "channels": "channels",
    "bridges": "bridges, playbacks, recordings",
    "server": "the server",
    "audio": "audio of calls",
}
# Modules that have a page of their own.
MODULES = {
    "asterisk_ari": "What both clients share",
    "asterisk_ari.policies": "Policies",
    "asterisk_ari.capabilities": "Capabilities",
    "asterisk_ari.media": "Audio",
    "asterisk_ari.vad": "Detectors of speech",
    "asterisk_ari.resample": "Audio at another rate",
    "asterisk_ari.testing": "The embedded Asterisk",
    "asterisk_ari.logs": "The log",
    "asterisk_ari.telemetry": "Telemetry",
    "asterisk_ari.kits.aio": "Kits",
    "asterisk_ari.kits.sync": "Kits, synchronous",
    "asterisk_ari.compat.ari": "Programs of ari-py",
    "asterisk_ari.compat.ari.wazo": "Programs of Wazo's fork of ari-py",
}
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


def pages() -> dict[str, str]:
    """Every page, by its path below `docs/`.

    Raises:
        ValueError: a name of the clients' modules that is on no page.
    """
    named = {name for names in TOPICS.values() for name in names}
    if odd := named ^ set(public_names("asterisk_ari.aio")):
        raise ValueError(f"scripts/docs_site/names.py and asterisk_ari.aio differ: {', '.join(sorted(odd))}")
    found = {f"reference/api/aio-{topic}.md": _topic("aio", topic) for topic in TOPICS}
    found |= {f"reference/api/sync-{topic}.md": _topic("sync", topic) for topic in TOPICS}
    found |= {f"reference/api/{page_name(module)}.md": _module(module, title) for module, title in MODULES.items()}
    found["reference/api/asterisk_ari.events.md"] = _events()
    return found


def page_name(module: str) -> str:
    """The page of a module, without its suffix."""
    return module


def _topic(variant: str, topic: str) -> str:
    word = "asyncio" if variant == "aio" else "sync"
    names = [name.removeprefix("Async") if variant == "sync" and name == "AsyncAsteriskARI" else name for name in TOPICS[topic]]
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


def _module(module: str, title: str) -> str:
    names = [name for name in public_names(module) if name not in ELSEWHERE.get(module, ())]
    doc = import_module(module).__doc__ or ""
    return "\n".join([f"{MADE}# {title}: `{module}`", "", *_prose(doc), "", *_shown(module, names)])


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
