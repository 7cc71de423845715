"""How a thread sleeps until another one wakes it, and how it waits for a value."""

import contextlib
import os
import sys
import threading
from collections.abc import Callable

import pytest

from asterisk_ari._transport.runtime import wake_ups
from asterisk_ari._transport.runtime.runtime_sync import AwaitedResults
from asterisk_ari._transport.runtime.wake_ups import PipeSemaphore, QueueSemaphore, Semaphore, new_semaphore
from tests.processes.children import fork

LIMIT = 30.0
ON_LINUX = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere no pipe is used")
KINDS = pytest.mark.parametrize("make", [pytest.param(PipeSemaphore, marks=ON_LINUX), QueueSemaphore])


def open_files() -> int:
    return len(os.listdir("/proc/self/fd"))


@KINDS
def test_each_release_lets_one_pass(make: Callable[[], Semaphore]) -> None:
    """Those that came before somebody slept as well."""
    semaphore = make()
    assert not semaphore.acquire(0)
    semaphore.release()
    semaphore.release()
    assert [True, True, False] == [semaphore.acquire(0) for _ in range(3)]


@KINDS
@pytest.mark.parametrize("seconds", [None, LIMIT])
def test_a_release_wakes_who_sleeps(make: Callable[[], Semaphore], seconds: float | None) -> None:
    ping, pong, woken = make(), make(), []

    def sleep() -> None:
        for _ in range(3):
            woken.append(ping.acquire(seconds))
            pong.release()

    thread = threading.Thread(target=sleep, daemon=True)
    thread.start()
    for _ in range(3):
        ping.release()
        assert pong.acquire(LIMIT)
    thread.join(LIMIT)
    assert [True] * 3 == woken


@ON_LINUX
def test_what_nobody_needs_any_more_holds_no_files() -> None:
    before = open_files()
    semaphores = [new_semaphore() for _ in range(5)]
    assert before + 10 == open_files()
    semaphores.clear()
    assert before == open_files()


def test_a_thread_can_sleep_though_too_many_files_are_open(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise OSError(24, "Too many open files")

    monkeypatch.setattr(wake_ups.os, "pipe", fail)
    semaphore = new_semaphore()
    semaphore.release()
    assert semaphore.acquire(LIMIT)


def test_a_value_that_nobody_waits_for_any_more_ends_no_other_wait() -> None:
    """Nor does a second one, of who took its value already."""
    results: AwaitedResults[str] = AwaitedResults()
    late, taken = results.new(), results.new()
    with pytest.raises(TimeoutError):
        late.get(0)
    taken.put("first")
    assert "first" == taken.get(LIMIT)
    late.put("too late")
    taken.put("second")
    following = results.new()
    with pytest.raises(TimeoutError):
        following.get(0.01)
    following.put("its own")
    assert "its own" == following.get(LIMIT)


def test_who_waits_within_a_wait_takes_nothing_of_it() -> None:
    """As a signal handler does that makes a call while its thread waits for another one."""
    results: AwaitedResults[str] = AwaitedResults()
    for _ in range(2):  # with new ones, and with those that were used before
        outer, inner = results.new(), results.new()
        outer.put("outer")
        inner.put("inner")
        assert ("inner", "outer") == (inner.get(LIMIT), outer.get(LIMIT))


@ON_LINUX
def test_waits_hold_few_files_once_they_are_over() -> None:
    """However many there were at once."""
    results: AwaitedResults[int] = AwaitedResults()
    before = open_files()
    waits = [results.new() for _ in range(50)]
    for number, wait in enumerate(waits):
        wait.put(number)
    assert list(range(50)) == [wait.get(LIMIT) for wait in waits]
    waits.clear()
    del wait
    assert open_files() - before <= 16
    results.close()
    assert before == open_files()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork on this system")
def test_a_child_ends_no_wait_of_its_parent() -> None:
    """A child that waits takes nothing that was meant to wake the parent."""
    results: AwaitedResults[str] = AwaitedResults()
    first = results.new()
    first.put("before")
    first.get(LIMIT)
    told, tell = os.pipe()
    child = fork()
    if child == 0:
        os.read(told, 1)
        with contextlib.suppress(TimeoutError):
            results.new().get(0)
        os._exit(0)
    parents = results.new()
    parents.put("the parent's")
    os.write(tell, b"\0")
    os.waitpid(child, 0)
    os.close(told)
    os.close(tell)
    assert "the parent's" == parents.get(0)
