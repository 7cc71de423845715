# Made from resources/base.py by scripts/unasync.py: edit that file.
"""What all handles and collections share."""

import copy
import inspect
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Concatenate, Generic, NoReturn, ParamSpec, Protocol, Self, TypeVar, cast

from asterisk_ari._core.process_bound import ProcessBound
from asterisk_ari._core.requests.handles import id_of
from asterisk_ari._core.requests.results import parse
from asterisk_ari._spelling import methods_tell_spellings
from asterisk_ari._sync.connection import ClientConnection
from asterisk_ari.errors import AriError, BadArgument

P = ParamSpec("P")
R = TypeVar("R")
H = TypeVar("H", bound="Handle")
H_co = TypeVar("H_co", bound="Handle", covariant=True)


class OwnsChannel(Protocol[H_co]):
    """A `Call`, which stands for its channel wherever that is taken."""

    @property
    def channel(self) -> H_co:
        """The channel that it owns."""


class Handle:
    """One object on the server, by its id. The server is asked nothing until a method is called.

    `json` is the last known snapshot, empty for a handle that was made of an id alone. The properties read it, and are
    empty too (or None, for numbers) where it does not say; `refresh()` asks the server for a new one.
    """

    KIND: ClassVar[str] = ""
    ID_FIELD: ClassVar[str] = "id"
    MODEL_OF: ClassVar[str] = ""

    __slots__ = ("_ari", "id", "json")

    id: str
    json: Any

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if cls.__module__.startswith("asterisk_ari."):  # else it is the program that decides
            methods_tell_spellings(cls)

    def __init__(self, ari: ClientConnection, id: str, json: Mapping[str, Any] | None = None) -> None:
        self._ari = ari
        self.id = id
        self.json = json if json is not None else {}

    @classmethod
    def of(cls, ari: ClientConnection, json: Mapping[str, Any]) -> Self:
        """The handle of an object as the server sent it.

        Raises:
            BadArgument: the JSON does not tell which object it is.

        Example:
            >>> Channel.of(ari, event.channel)
            Channel('1735689600.1')
        """
        return cls(ari, cls._id_in(json), json)

    @classmethod
    def _id_in(cls, json: Mapping[str, Any], field: str | None = None) -> str:
        name = field or cls.ID_FIELD
        if not isinstance(json, Mapping) or not isinstance(json.get(name), str) or not json[name]:
            raise BadArgument(f"the JSON of a {cls.__name__} must contain a non-empty string {name!r}")
        return cast(str, json[name])

    def _hold(self, json: Mapping[str, Any]) -> None:
        """Take a new snapshot, as the server sent it."""
        self.json = self.of(self._ari, json).json

    def _text(self, name: str) -> str:
        """A text of the snapshot; empty where it is missing, null or no text."""
        value = self.json.get(name)
        return value if isinstance(value, str) else ""

    @property
    def data(self) -> Any:
        """The snapshot as the generated model, parsed on each access.

        Raises:
            AriError: there is no snapshot yet.
            UnexpectedResponse: it lacks a field that the model needs.
        """
        return self._model()

    def _model(self) -> Any:
        if not self.json:
            raise AriError(f"{self!r} has no snapshot yet", remedy="call refresh() first")
        return parse(self.MODEL_OF, self.json)

    @property
    def _call(self) -> Callable[..., Any]:
        return self._ari.rest.call

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.id!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Handle) and (self.KIND, self.id) == (other.KIND, other.id)

    def __hash__(self) -> int:
        return hash((self.KIND, self.id))

    def __copy__(self) -> Self:
        return self._with_json(self.json)

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self._with_json(copy.deepcopy(self.json, memo))

    def __reduce__(self) -> NoReturn:
        raise TypeError(f"{self!r} cannot be pickled: it belongs to a client of this process; send its .id instead")

    def _with_json(self, json: Mapping[str, Any]) -> Self:
        return type(self)(self._ari, self.id, json)


class Collection(ProcessBound, Generic[H]):
    """All objects of one kind. `ari.channels("id")` is the handle of one; making it asks the server nothing."""

    HANDLE: ClassVar[type[Any]]

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if cls.__module__.startswith("asterisk_ari."):  # else it is the program that decides
            methods_tell_spellings(cls)

    def __init__(self, ari: ClientConnection) -> None:
        self._ari = ari

    def __call__(self, id: H | OwnsChannel[H] | str) -> H:
        """The handle of the object with this id; the server is not asked."""
        handle: H = self.HANDLE(self._ari, id_of(id, self.HANDLE.KIND))
        return handle

    @property
    def _call(self) -> Callable[..., Any]:
        return self._ari.rest.call

    def _handles(self, items: list[Any]) -> list[H]:
        return [self.HANDLE.of(self._ari, item) for item in items]


def by_id(
    method: Callable[Concatenate[H, P], R], handle_of: Callable[[Any, str], Any] = Collection.__call__
) -> Callable[Concatenate[Any, H | OwnsChannel[H] | str, P], R]:
    """A handle's method as its collection's, with the id or a handle as first argument; `handle_of` makes the handle."""
    return cast(Callable[Concatenate[Any, H | OwnsChannel[H] | str, P], R], _ById(method, handle_of))


class _ById:
    """Takes the place of a method until its class is made and its name is known, then puts the method there."""

    def __init__(self, method: Any, handle_of: Callable[[Any, str], Any]) -> None:
        self._method = method
        self._handle_of = handle_of

    def __set_name__(self, owner: type[Any], name: str) -> None:
        method, handle_of = self._method, self._handle_of

        def call(self: Any, id: Any, /, *args: Any, **kwargs: Any) -> Any:
            return method(handle_of(self, id), *args, **kwargs)

        head, _, rest = (method.__doc__ or "").partition("\n")
        call.__name__, call.__qualname__, call.__module__ = name, f"{owner.__qualname__}.{name}", owner.__module__
        call.__doc__ = f"{head}\n\n        Takes the id first, else as `{method.__qualname__}`.\n{rest}"
        call.__signature__ = _with_id(method)  # type: ignore[attr-defined]
        call.__ari_operation__ = method.__ari_operation__  # type: ignore[attr-defined]
        setattr(owner, name, call)


def _with_id(method: Callable[..., Any]) -> inspect.Signature:
    """The signature of a handle's method with the id in front."""
    signature = inspect.signature(method)
    own, *others = signature.parameters.values()
    own = own.replace(kind=inspect.Parameter.POSITIONAL_ONLY)
    id_ = inspect.Parameter("id", inspect.Parameter.POSITIONAL_ONLY, annotation=f"{method.__qualname__.partition('.')[0]} | str")
    return signature.replace(parameters=[own, id_, *others])
