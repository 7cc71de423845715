"""Address of the event WebSocket."""

from collections.abc import Iterable
from urllib.parse import quote

from asterisk_ari.settings import Settings

PATH = "/events"


def events_address(settings: Settings, apps: Iterable[str]) -> str:
    """Give the address with its query. Credentials travel in the header, never here."""
    names = ",".join(quote(app, safe="") for app in apps)
    return f"{settings.events_url}?app={names}" + ("&subscribeAll=true" if settings.subscribe_all else "")
