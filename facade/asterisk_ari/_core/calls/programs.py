"""Which program handles which call. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from asterisk_ari._core.requests.names import check_apps
from asterisk_ari.errors import BadArgument


@dataclass(frozen=True)
class Entrance:
    """The calls that a program handles: those that enter one of its apps (any app, if none is named) with arguments that begin
    with these."""

    apps: tuple[str, ...]
    args: tuple[str, ...]

    def fits(self, event: Mapping[str, Any]) -> bool:
        """Whether a StasisStart matches."""
        args = event.get("args") or []
        return (not self.apps or event.get("application") in self.apps) and tuple(args[: len(self.args)]) == self.args

    @property
    def rank(self) -> tuple[int, int]:
        """How specific it is: if two match a call, the higher rank handles it."""
        return (len(self.args), len(self.apps) > 0)

    def __str__(self) -> str:
        of = f"app {' or '.join(self.apps)}" if self.apps else "any app"
        return f"{of}, arguments {','.join(self.args)}" if self.args else of


def read_entrance(app: Any, args: Any, known_apps: Iterable[str], others: Iterable[Entrance]) -> Entrance:
    """Read the arguments of `calls`.

    Raises:
        BadArgument: the client does not listen to the app, an argument is not a string, or another program already handles these
            calls.
    """
    if not isinstance(app, str | Sequence | None):
        raise BadArgument(f"app is the name of an app, or several, not {app!r}", parameter="app")
    apps = (app,) if isinstance(app, str) else tuple(app or ())
    check_apps(name for name in apps if name not in known_apps)
    if unknown := [name for name in apps if name not in known_apps]:
        remedy = "name it as app_name or in apps= when the client is made, or use add_app() first"
        known = ", ".join(known_apps)
        raise BadArgument(f"app {unknown[0]!r} is not one of this client's apps ({known}): {remedy}", parameter="app")
    first = (args,) if isinstance(args, str) else args
    if not isinstance(first, Sequence) or not all(isinstance(arg, str) for arg in first):
        raise BadArgument(f"args must be the first argument of Stasis(…), or several, as strings, not {args!r}", parameter="args")
    entrance = Entrance(apps, tuple(first))
    for other in others:
        if other.args == entrance.args and (set(other.apps) & set(apps) or not (other.apps or apps)):
            raise BadArgument(f"another program already takes the calls of {entrance}")
    return entrance


def takes(entrance: Entrance, others: Iterable[Entrance], event: Mapping[str, Any]) -> bool:
    """Whether a program handles a call: it matches, and no other program matches more specifically."""
    return entrance.fits(event) and all(other.rank <= entrance.rank or not other.fits(event) for other in others)
