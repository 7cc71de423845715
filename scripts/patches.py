"""Patch the installed generator's templates instead of forking them.

Each edit says how often it must match: when a new generator release moves something, regeneration stops here and names
the edit, instead of producing a client that is subtly wrong.
"""

from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from scripts.errors import RegenerateError

OWN_TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True)
class Edit:
    template: str
    find: str
    replace: str
    count: int
    why: str


OWN_NAMES = "a parameter may be called like a variable of the function"

EDITS = (
    Edit(
        "endpoint_module.py.jinja",
        "from http import HTTPStatus\nfrom typing import Any, cast\nfrom urllib.parse import quote\n\nimport httpx\n\n"
        "from ...client import AuthenticatedClient, Client\n",
        "from __future__ import annotations\n\nfrom http import HTTPStatus\nfrom typing import TYPE_CHECKING, Any, cast\n\n",
        1,
        "an operation needs httpx for its annotations only",
    ),
    Edit(
        "endpoint_module.py.jinja",
        "{{ relative }}\n{% endfor %}\n",
        "{{ relative }}\n{% endfor %}\n\nif TYPE_CHECKING:\n    import httpx\n\n"
        "    from ...client import AuthenticatedClient, Client\n",
        1,
        "an operation needs httpx for its annotations only",
    ),
    Edit(
        "package_init.py.jinja",
        "from .client import AuthenticatedClient, Client\n",
        "from typing import TYPE_CHECKING, Any\n\nif TYPE_CHECKING:\n    from .client import AuthenticatedClient, Client\n",
        1,
        "httpx is loaded with the first client",
    ),
    Edit(
        "package_init.py.jinja",
        '    "Client",\n)\n',
        '    "Client",\n)\n\n\ndef __getattr__(name: str) -> Any:\n    if name not in __all__:\n'
        '        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")\n'
        "    from . import client\n\n    return getattr(client, name)\n",
        1,
        "httpx is loaded with the first client",
    ),
    Edit(
        "endpoint_module.py.jinja",
        "from ... import errors\n",
        "from ... import errors\n"
        "from ..._request import join_lists as _join_lists, known_status, path_segment as _path_segment\n",
        1,
        "path segments are encoded by _request",
    ),
    Edit(
        "endpoint_module.py.jinja",
        'quote(str({{parameter.python_name}}), safe="")',
        '_path_segment("{{ parameter.name | in_double_quote_literal }}", {{ parameter.python_name }})',
        1,
        "empty and dot ids reach other routes",
    ),
    Edit(
        "endpoint_module.py.jinja",
        "    return _kwargs\n",
        "    {% set kinds = endpoint.query_parameters | map(attribute='template') | list %}\n"
        "    {% if 'list_property.py.jinja' in kinds %}\n"
        "    return _join_lists(_kwargs)\n"
        "    {% else %}\n"
        "    return _kwargs\n"
        "    {% endif %}\n",
        1,
        "Asterisk keeps the last of repeated query keys",
    ),
    Edit(
        "endpoint_macros.py.jinja",
        "\nparams: dict[str, Any] = {}\n",
        "\n_params: dict[str, Any] = {}\n",
        1,
        OWN_NAMES,
    ),
    Edit("endpoint_macros.py.jinja", '\nparams["{{ property.name', '\n_params["{{ property.name', 1, OWN_NAMES),
    Edit("endpoint_macros.py.jinja", '"params.update(" +', '"_params.update(" +', 1, OWN_NAMES),
    Edit(
        "endpoint_macros.py.jinja",
        "params = {k: v for k, v in params.items()",
        "_params = {k: v for k, v in _params.items()",
        1,
        OWN_NAMES,
    ),
    Edit(
        "endpoint_macros.py.jinja", 'set destination = "json_" + property', 'set destination = "_json_" + property', 1, OWN_NAMES
    ),
    Edit("endpoint_macros.py.jinja", "\nheaders: dict[str, Any] = {}\n", "\n_headers: dict[str, Any] = {}\n", 1, OWN_NAMES),
    Edit("endpoint_macros.py.jinja", "set statement = 'headers[", "set statement = '_headers[", 1, OWN_NAMES),
    Edit("endpoint_module.py.jinja", '        "params": params,\n', '        "params": _params,\n', 1, OWN_NAMES),
    Edit("endpoint_module.py.jinja", '_kwargs["headers"] = headers\n', '_kwargs["headers"] = _headers\n', 1, OWN_NAMES),
    Edit("endpoint_module.py.jinja", ' headers["Content-Type"]', ' _headers["Content-Type"]', 4, OWN_NAMES),
    Edit(
        "endpoint_module.py.jinja",
        "status_code=HTTPStatus(response.status_code)",
        "status_code=known_status(response.status_code)",
        1,
        "a proxy's odd status must not raise before the caller sees it",
    ),
    Edit(
        "endpoint_module.py.jinja",
        "    {% else %}\n"
        '    _headers["Content-Type"] = "{{ body.content_type | in_double_quote_literal }}"\n    {% endif %}\n{% endif %}\n',
        '    {% else %}\n    if "json" in _kwargs:\n'
        '        _headers["Content-Type"] = "{{ body.content_type | in_double_quote_literal }}"\n    {% endif %}\n{% endif %}\n',
        1,
        "no body, no content type",
    ),
    Edit(
        "types.py.jinja",
        "    status_code: HTTPStatus\n",
        "    status_code: HTTPStatus | int\n",
        1,
        "a proxy's odd status must not raise before the caller sees it",
    ),
    Edit(
        "model.py.jinja",
        "from ..types import UNSET, Unset\n",
        "from ..types import UNSET, Unset, format_date, given\n",
        1,
        "null counts as absent; dates keep Asterisk's form",
    ),
    Edit(
        "model.py.jinja",
        "{% set property_source = 'd.pop(\"' + (property.name | in_double_quote_literal) + '\", UNSET)' %}",
        "{% set property_source = 'given(d.pop(\"' + (property.name | in_double_quote_literal) + '\", UNSET))' %}",
        1,
        "null counts as absent",
    ),
    Edit(
        "property_templates/datetime_property.py.jinja",
        '{% set transformed = source + ".isoformat()" %}',
        '{% set transformed = "format_date(" + source + ")" %}',
        1,
        "a date goes out as Asterisk writes it: milliseconds, offset without a colon",
    ),
    Edit(
        "types.py.jinja",
        "    def __bool__(self) -> Literal[False]:\n        return False\n",
        "    def __bool__(self) -> Literal[False]:\n        return False\n\n"
        "    def __repr__(self) -> str:\n"
        '        return "UNSET"\n\n'
        "    def __reduce__(self) -> str:\n"
        "        # copies and pickles are the same object, so `is UNSET` stays true\n"
        '        return "UNSET"\n',
        1,
        "UNSET must stay one object",
    ),
    Edit(
        "types.py.jinja",
        "from typing import BinaryIO, Generic, TypeVar, Literal, IO\n",
        "import datetime\nfrom typing import Any, BinaryIO, Generic, TypeVar, Literal, IO\n",
        1,
        "imports of the two functions below",
    ),
    Edit(
        "types.py.jinja",
        "# The types that `httpx.Client(files=)` can accept, copied from that library.\n",
        "\ndef given(value: Any) -> Any:\n"
        '    """Null counts as absent: servers send it for what they do not know."""\n'
        "    return UNSET if value is None else value\n\n\n"
        "def format_date(value: datetime.datetime) -> str:\n"
        '    """A date as Asterisk writes it: `2025-01-01T12:00:00.123+0000`."""\n'
        '    text = value.isoformat(timespec="milliseconds")\n'
        '    return text[:-3] + text[-2:] if text[-6:-5] in ("+", "-") and text[-3] == ":" else text\n\n\n'
        "# The types that `httpx.Client(files=)` can accept, copied from that library.\n",
        1,
        "null counts as absent; dates keep Asterisk's form",
    ),
    Edit(
        "client.py.jinja",
        '"token": namespace(type="str", default="", docstring',
        '"token": namespace(type="str", default="field(repr=False)", docstring',
        1,
        "secrets stay out of reprs",
    ),
    Edit(
        "client.py.jinja",
        'field(factory=dict, kw_only=True, alias="headers")',
        'field(factory=dict, kw_only=True, repr=False, alias="headers")',
        1,
        "secrets stay out of reprs",
    ),
    Edit(
        "client.py.jinja",
        'field(factory=dict, kw_only=True, alias="httpx_args")',
        'field(factory=dict, kw_only=True, repr=False, alias="httpx_args")',
        1,
        "secrets stay out of reprs",
    ),
)


def write_templates(target: Path) -> None:
    """Put the patched and the own templates into a folder that the generator looks into first."""
    installed = files("openapi_python_client") / "templates"
    texts: dict[str, str] = {}
    for edit in EDITS:
        text = texts.get(edit.template) or (installed / edit.template).read_text(encoding="utf-8")
        found = text.count(edit.find)
        if found != edit.count:
            raise RegenerateError(
                f"template {edit.template}: the edit for {edit.why!r} matches {found} times, not {edit.count}: "
                "install the generator release pinned in pyproject.toml, or adapt scripts/patches.py"
            )
        texts[edit.template] = text.replace(edit.find, edit.replace)
    texts["models_init.py.jinja"] = (OWN_TEMPLATES / "models_init.py.jinja").read_text(encoding="utf-8")
    for name, text in texts.items():
        file = target / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
