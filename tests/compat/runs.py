"""Programs of ari-py in a thread of their own, as `run()` blocks."""

import threading
from collections.abc import Callable
from typing import Any

from asterisk_ari.compat import ari

SECONDS = 30.0


class Background:
    """A function in a thread; `result()` waits for its end, and raises what it raised."""

    def __init__(self, function: Callable[..., Any], *args: Any) -> None:
        self._outcome: Any = None
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._call, args=(function, *args), daemon=True)
        self._thread.start()

    @property
    def ident(self) -> int | None:
        return self._thread.ident

    @property
    def is_over(self) -> bool:
        return not self._thread.is_alive()

    def _call(self, function: Callable[..., Any], *args: Any) -> None:
        try:
            self._outcome = function(*args)
        except BaseException as error:
            self._error = error

    def result(self) -> Any:
        self._thread.join(SECONDS)
        assert not self._thread.is_alive(), "it did not end"
        if self._error is not None:
            raise self._error
        return self._outcome


class Seen(list[Any]):
    """What callbacks have seen; `wait(n)` waits until there are so many."""

    def __init__(self) -> None:
        super().__init__()
        self._changed = threading.Condition()

    def add(self, *items: Any) -> None:
        with self._changed:
            self.append(items[0] if len(items) == 1 else items)
            self._changed.notify_all()

    def wait(self, count: int) -> list[Any]:
        with self._changed:
            assert self._changed.wait_for(lambda: len(self) >= count, SECONDS), f"{list(self)} and no more"
        return list(self)


def close(client: ari.Client, *runs: Background) -> None:
    client.close()
    for run in runs:
        run.result()
