"""Sockets and clients belong to one process, and sockets to one event loop: a forked child and a new loop begin anew."""

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
    """Have a forked child close its copy of a socket, without a word to the server; note which event loop it belongs to."""
    _sockets[connected] = loop


def own_sockets_of(owner: object, found: Iterable[Any], loop: object) -> None:
    """As `own_socket`, for sockets that an event loop has made and hands out wrapped, for as long as their owner lives."""
    _sockets_of[owner] = (tuple(found), loop)


def close_sockets_of(loop: object) -> None:
    """Close what a closed event loop has left open."""
    _replace_by_null([one for one, its_loop in _all_sockets() if its_loop is loop])


def _all_sockets() -> list[tuple[socket.socket, object]]:
    """Each socket, and the event loop that it belongs to."""
    own = [(one, _sockets.get(one)) for reference in _sockets.keyrefs() if (one := reference()) is not None]
    return own + [(one, loop) for found, loop in list(_sockets_of.values()) for one in found]


def call_after_fork(owner: T, begin_anew: Callable[[T], None]) -> None:
    """Have a function called with an object in each forked child, for as long as the object lives.

    Of the threads only the one that forked goes on there, and any lock may be held.
    """
    _owners[owner] = begin_anew


def _replace_by_null(sockets: list[socket.socket]) -> None:
    """Close sockets whose owners still know them by number: the number is that of /dev/null from now on.

    Nothing is sent, and no event loop is asked: in a child its selector is the parent's. Were the number free, it might be
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
    with contextlib.suppress(OSError):  # no file descriptor to be had: the sockets stay open, and unused
        _replace_by_null([one for one, _ in _all_sockets()])
    for owner, begin_anew in list(_owners.items()):
        begin_anew(owner)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_begin_anew)
