"""What `_meta` says of an operation: records readable as attributes and as mappings."""

from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from typing import Any

Branches = Mapping[str, str]


class Record(Mapping[str, Any]):
    """Attributes that can also be read with `record["name"]`."""

    __slots__ = ()

    def __getitem__(self, key: str) -> Any:
        if key not in self.__slots__:
            raise KeyError(key)
        return getattr(self, key)

    def __iter__(self) -> Iterator[str]:
        return iter(self.__slots__)

    def __len__(self) -> int:
        return len(self.__slots__)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{key}={self[key]!r}' for key in self)})"


class Parameter(Record):
    """One parameter: `name` as in the definitions, `python_name` as in the generated functions.

    `location` is path, query or body; `type` is the definitions' word; `known_values` are those the definitions
    name (others may exist);
    `availability` and each entry of `value_availability` give the first release of each branch.
    """

    __slots__ = (
        "name",
        "python_name",
        "location",
        "type",
        "required",
        "multiple",
        "known_values",
        "minimum",
        "maximum",
        "default",
        "availability",
        "value_availability",
    )

    name: str
    python_name: str
    location: str
    type: str
    required: bool
    multiple: bool
    known_values: tuple[str, ...]
    minimum: int | float | None
    maximum: int | float | None
    default: str | int | float | bool | None
    availability: Branches
    value_availability: Mapping[str, Branches]

    def __init__(self, name: str, python_name: str, location: str, type_: str, flags: str, **more: Any) -> None:
        self.name = name
        self.python_name = python_name
        self.location = location
        self.type = type_
        self.required = "r" in flags
        self.multiple = "m" in flags
        self.known_values = more.get("known_values", ())
        self.minimum = more.get("minimum")
        self.maximum = more.get("maximum")
        self.default = more.get("default")
        self.availability = more["availability"]
        self.value_availability = more.get("value_availability", {})


class Operation(Record):
    """One operation: where its functions are, what is sent, and since when each branch has it.

    `params` maps the definitions' parameter names to `Parameter`; `lists` names those that take several values;
    `required` names what the server needs in truth; `body` is the model of the JSON body, if it has declared keys.
    """

    __slots__ = (
        "module",
        "method",
        "path",
        "params",
        "lists",
        "required",
        "availability",
        "response",
        "errors",
        "body",
    )

    module: str
    method: str
    path: str
    params: Mapping[str, Parameter]
    lists: tuple[str, ...]
    required: tuple[str, ...]
    availability: Branches
    response: str
    errors: tuple[int, ...]
    body: str | None

    def __init__(self, module: str, method: str, path: str, params: tuple[Parameter, ...], **more: Any) -> None:
        self.module = module
        self.method = method
        self.path = path
        self.params = {parameter.name: parameter for parameter in params}
        self.lists = tuple(parameter.name for parameter in params if parameter.multiple)
        self.required = more["required"]
        self.availability = more["availability"]
        self.response = more["response"]
        self.errors = more["errors"]
        self.body = more.get("body")


class LazyRecords(Mapping[str, Operation]):
    """Operations by name; a record is made when it is first asked for."""

    def __init__(self, makers: Mapping[str, Callable[[], Operation]]) -> None:
        self._makers = makers
        self._made: dict[str, Operation] = {}

    def __getitem__(self, name: str) -> Operation:
        found = self._made.get(name)
        if found is None:
            found = self._made[name] = self._makers[name]()
        return found

    def __contains__(self, name: object) -> bool:
        return name in self._makers

    def __iter__(self) -> Iterator[str]:
        return iter(self._makers)

    def __len__(self) -> int:
        return len(self._makers)


class LazyModels(Mapping[str, type]):
    """Model classes by name; a class is imported when it is first asked for."""

    def __init__(self, package: str, modules: Mapping[str, str]) -> None:
        self._package = package
        self._modules = modules
        self._loaded: dict[str, type] = {}

    def __getitem__(self, name: str) -> type:
        found = self._loaded.get(name)
        if found is None:
            module = import_module(f"{self._package}.{self._modules[name]}")
            found = self._loaded[name] = getattr(module, name)
        return found

    def __contains__(self, name: object) -> bool:
        return name in self._modules

    def __iter__(self) -> Iterator[str]:
        return iter(self._modules)

    def __len__(self) -> int:
        return len(self._modules)
