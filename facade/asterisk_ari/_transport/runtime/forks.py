"""Sockets and clients belong to one process, and sockets to one event loop: a forked child and a new loop start afresh."""

import contextlib
import os
import socket
import weakref
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

T = TypeVar("T")


_sockets: weakref.WeakKeyDictionary[socket.socket, object] = weakref.WeakKeyDictionary()
_sockets_of: weakref.WeakKeyDictionary[Any, tuple[tuple[socket.socket, ...], object]] = weakref.WeakKeyDictionary()
_owners: weakref.WeakKeyDictionary[Any, Callable[[Any], None]] = weakref.WeakKeyDictionary()


def own_socket(connected: socket.socket, loop: object = None) -> None:
    """Make a forked child close its copy of a socket without sending anything; note which event loop the socket belongs to."""
    _sockets[connected] = loop


def own_sockets_of(owner: object, found: Iterable[Any], loop: object) -> None:
    """Like `own_socket`, for wrapped sockets created by an event loop, for as long as their owner lives."""
    _sockets_of[owner] = (tuple(found), loop)


def close_sockets_of(loop: object) -> None:
    """Close the sockets that a closed event loop has left open."""
    _replace_by_null([one for one, its_loop in _all_sockets() if its_loop is loop])


def _all_sockets() -> list[tuple[socket.socket, object]]:
    """Return each socket, and the event loop that it belongs to."""
    own = [(one, _sockets.get(one)) for reference in _sockets.keyrefs() if (one := reference()) is not None]
    return own + [(one, loop) for found, loop in list(_sockets_of.values()) for one in found]


def call_after_fork(owner: T, begin_anew: Callable[[T], None]) -> None:
    """Call a function with an object in each forked child, for as long as the object lives.

    In the child, only the thread that forked continues, and any lock may be held.
    """
    _owners[owner] = begin_anew


def _replace_by_null(sockets: list[socket.socket]) -> None:
    """Close sockets whose owners still hold their descriptor numbers, which refer to /dev/null from now on.

    Nothing is sent, and no event loop is used: in a child, its selector is the parent's. If the number were free, it might be
    another file's when the owners close it.
    """
    if not hasattr(os, "register_at_fork"):  # Windows, where sockets have no such numbers
        for one in sockets:
            one.close()
        return
    null = os.open(os.devnull, os.O_RDWR)
    try:
        for one in sockets:
            with contextlib.suppress(OSError):
                if (number := one.fileno()) >= 0:
                    os.dup2(null, number, inheritable=False)
    finally:
        os.close(null)


def _begin_anew() -> None:
    with contextlib.suppress(OSError):  # no file descriptor is available: the sockets stay open, and unused
        _replace_by_null([one for one, _ in _all_sockets()])
    for owner, begin_anew in list(_owners.items()):
        begin_anew(owner)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_begin_anew)
