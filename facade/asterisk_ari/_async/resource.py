"""What all handles and collections share."""

import functools
import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar, Concatenate, Generic, ParamSpec, Self, TypeVar

from asterisk_ari._core.request import parse

if TYPE_CHECKING:
    from asterisk_ari._async.connection import Connection

P = ParamSpec("P")
R = TypeVar("R")
H = TypeVar("H", bound="Handle")
C = TypeVar("C")


class Handle:
    """One object on the server, by its id. Nothing is asked of the server until a method does."""

    KIND: ClassVar[str] = ""
    ID_FIELD: ClassVar[str] = "id"
    MODEL_OF: ClassVar[str] = ""

    __slots__ = ("_ari", "id", "json")

    id: str
    json: dict[str, Any]

    def __init__(self, ari: "Connection", id: str, json: dict[str, Any] | None = None) -> None:
        self._ari = ari
        self.id = id
        self.json = json if json is not None else {}

    @classmethod
    def of(cls, ari: "Connection", json: dict[str, Any]) -> Self:
        """The handle of an object as the server sent it.

        Example:
            >>> Channel.of(ari, event["channel"])
            Channel('1735689600.1')
        """
        return cls(ari, json[cls.ID_FIELD], json)

    @property
    def data(self) -> Any:
        """The last known snapshot as the generated model; parsed when asked for."""
        return parse(self.MODEL_OF, self.json)

    async def _call(self, operation: str, /, **parameters: Any) -> Any:
        return await self._ari.rest.call(operation, **parameters)

    def _know(self, json: dict[str, Any]) -> None:
        self.json = json

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.id!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Handle) and (self.KIND, self.id) == (other.KIND, other.id)

    def __hash__(self) -> int:
        return hash((self.KIND, self.id))


class Collection(Generic[H]):
    """All objects of one kind. `ari.channels("id")` is the handle of one, without a call."""

    HANDLE: ClassVar[type[Any]]

    def __init__(self, ari: "Connection") -> None:
        self._ari = ari

    def __call__(self, id: str) -> H:
        """The handle of the object with this id; the server is not asked."""
        handle: H = self.HANDLE(self._ari, id)
        return handle

    async def _call(self, operation: str, /, **parameters: Any) -> Any:
        return await self._ari.rest.call(operation, **parameters)

    def _handles(self, items: list[dict[str, Any]]) -> list[H]:
        return [self.HANDLE.of(self._ari, item) for item in items]


def by_id(
    method: Callable[Concatenate[H, P], R],
) -> Callable[[Callable[[C], None]], Callable[Concatenate[C, str, P], R]]:
    """Offer a handle's method on its collection, with the id as first argument."""

    def decorate(placeholder: Callable[[C], None]) -> Callable[Concatenate[C, str, P], R]:
        def call(self: C, id: str, /, *args: P.args, **kwargs: P.kwargs) -> R:
            handle: H = self(id)  # type: ignore[operator]
            return method(handle, *args, **kwargs)

        functools.update_wrapper(call, placeholder)
        call.__ari_operation__ = method.__ari_operation__  # type: ignore[attr-defined]
        call.__wrapped__ = method  # type: ignore[attr-defined]
        call.__signature__ = _with_id(method)  # type: ignore[attr-defined]
        return call

    return decorate


def _with_id(method: Callable[..., Any]) -> inspect.Signature:
    """What `help` shows: the handle's signature with the id in front."""
    signature = inspect.signature(method)
    own, *others = signature.parameters.values()
    id_ = inspect.Parameter("id", inspect.Parameter.POSITIONAL_ONLY, annotation=str)
    return signature.replace(parameters=[own.replace(kind=inspect.Parameter.POSITIONAL_ONLY), id_, *others])
