"""Objects bound to a connection of this process: shared by copies and never pickled. Pure."""

from typing import Any, NoReturn, Self


class ProcessBound:
    """An object that copies share and that cannot be pickled, since it holds sockets, threads or tasks of this process.

    `copy.deepcopy` and `dataclasses.asdict` of an object that holds a client therefore keep that client.

    Example:
        >>> class Paging(ProcessBound):
        ...     def __init__(self, ari: AsyncAsteriskARI) -> None:
        ...         self._ari = ari
    """

    __slots__ = ()

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            f"{type(self).__name__} cannot be pickled: it belongs to this process; create another one in the other process"
        )
