"""A bridge of a command's own."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from asterisk_ari.errors import NotFound
from asterisk_ari.sync import AsteriskARI, Bridge


@contextmanager
def own_bridge(ari: AsteriskARI, name: str) -> Iterator[Bridge]:
    """A mixing bridge, which is destroyed when this is left; who is in it then stays on the server."""
    bridge = ari.bridges.create("mixing", name=name)
    try:
        yield bridge
    finally:
        with suppress(NotFound):  # somebody else has
            bridge.destroy()
