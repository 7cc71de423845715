"""What a server must be told before an event WebSocket closes, for its own sake. Pure."""

from collections.abc import Callable, Iterable, Mapping

from asterisk_ari._core.release import Release
from asterisk_ari._core.replay import Call

ALL_DEVICES = "deviceState:"

# From here on Asterisk ends an app's subscription to all device states when its WebSocket closes, and does so under a lock
# that the delivery of a device state takes too: should one be on its way, both wait for ever, and no app is served any more
# (Asterisk's issue 2170). Ended by a request, the same subscription harms nobody.
ENDS_SUBSCRIPTIONS: Mapping[str, str] = {"20": "20.14.0", "21": "21.9.0", "22": "22.4.0", "23": "23.0.0"}


def last_words(release: Release | None, apps: Iterable[str], hears: Callable[[str, str], bool]) -> list[Call]:
    """The calls to make before the WebSocket is closed.

    Args:
        release: the server's; None for builds whose version does not tell.
        apps: those whose events come over that WebSocket.
        hears: whether an app is subscribed to a source.
    """
    if release is not None and not release.has(ENDS_SUBSCRIPTIONS):
        return []
    return [
        ("applications.unsubscribe", {"applicationName": app, "eventSource": [ALL_DEVICES]})
        for app in apps
        if hears(app, ALL_DEVICES)
    ]
