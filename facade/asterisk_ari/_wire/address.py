"""Address of the event WebSocket."""

from collections.abc import Iterable
from urllib.parse import quote

from asterisk_ari.settings import Settings

PATH = "/events"


def events_target(settings: Settings, apps: Iterable[str]) -> str:
    """Give path and query below /ari. Credentials travel in the header, never here."""
    names = ",".join(quote(app, safe="") for app in apps)
    return f"{PATH}?app={names}" + ("&subscribeAll=true" if settings.subscribe_all else "")
