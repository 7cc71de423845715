"""Damage to a copy of the generated package, and the checks aimed at it in a process of their own."""

import atexit
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.generated.definitions import ROOT, SWAGGER

__all__ = ("GENERATED", "MUTANTS", "SWAGGER", "Mutant", "copy_package", "damaged", "problems")

GENERATED = ROOT / "generated"


@dataclass(frozen=True)
class Mutant:
    """One way to be wrong: `find` in `file` becomes `replace`; `check` must then report a problem that holds `expect`."""

    name: str
    file: str
    find: str
    replace: str
    check: str
    expect: str


def _operation(name: str, file: str, find: str, replace: str, check: str, expect: str) -> Mutant:
    """A damaged operation; `file` is its module, such as `channels/channels_hold`."""
    return Mutant(name, f"api/{file}.py", find, replace, check if "." in check else f"operation_checks.{check}", expect)


def _model(name: str, file: str, find: str, replace: str, check: str, expect: str) -> Mutant:
    return Mutant(name, f"models/{file}.py", find, replace, f"model_checks.{check}", expect)


MUTANTS = (
    # operations: where and how
    _operation("operation dropped", "channels/channels_answer", "", "", "check_modules", "channels_answer: missing"),
    _operation(
        "asynchronous half dropped", "channels/channels_hold", "async def asyncio_detailed", "async def other",
        "check_modules", "channels_hold: lacks asyncio_detailed",
    ),
    _operation(
        "method swapped", "channels/channels_hold", '"method": "post"', '"method": "delete"',
        "check_full_requests", "channels.hold: method DELETE, not POST",
    ),
    _operation(
        "path changed", "channels/channels_start_moh", "/{channel_id}/moh", "/{channel_id}/music",
        "check_full_requests", "channels.startMoh: path",
    ),
    _operation(
        "path ids swapped", "channels/channels_play_with_id", 'path_segment("channelId", channel_id)',
        'path_segment("channelId", playback_id)', "check_full_requests", "channels.playWithId: path",
    ),
    Mutant(
        "slashes in ids not encoded", "_request.py", 'quote(text, safe="")', 'quote(text, safe="/")',
        "operation_checks.check_full_requests", "channels.answer: path",
    ),
    Mutant(
        "dot ids accepted", "_request.py", 'text in ("", ".", "..")', 'text in ("", ".")',
        "operation_checks.check_bad_ids", "channels.answer: sync_detailed: channelId='..' is sent",
    ),
    # operations: parameters
    _operation(
        "query parameter renamed", "channels/channels_dial", 'params["timeout"]', 'params["time_out"]',
        "check_full_requests", "channels.dial: query timeout was not sent",
    ),
    _operation(
        "query parameter dropped", "channels/channels_hangup", '_params["reason_code"] = reason_code', "",
        "check_full_requests", "channels.hangup: query reason_code was not sent",
    ),
    _operation(
        "declared default sent", "bridges/bridges_play", "skipms: int | Unset = UNSET", "skipms: int | Unset = 3000",
        "check_minimal_requests", "bridges.play: query skipms=3000 was sent though nobody gave it",
    ),
    _operation(
        "empty text not sent", "asterisk/asterisk_set_global_var", "if v is not UNSET", 'if v != "" and v is not UNSET',
        "check_full_requests", "asterisk.setGlobalVar: query value was not sent",
    ),
    _operation(
        "closed enumeration of a parameter", "channels/channels_record", "_json_if_exists = if_exists\n",
        "from ...models.channels_record_if_exists import ChannelsRecordIfExists as E; _json_if_exists = E(if_exists)\n",
        "check_enum_arguments", "channels.record: ValueError: 'brand new'",
    ),
    Mutant(
        "list keys repeated", "_request.py", 'params[name] = ",".join(texts)', "params[name] = texts",
        "operation_checks.check_full_requests", "channels.play: a query key was sent twice",
    ),
    Mutant(
        "list values stripped", "_request.py", "texts = [str(value) for", "texts = [str(value).strip() for",
        "operation_checks.check_full_requests", "channels.play: query media=",
    ),
    Mutant(
        "commas inside list values joined", "_request.py", "frozenset(',\"", "frozenset('\"",
        "operation_checks.check_awkward_lists", "channels.play: query media=",
    ),
    Mutant(
        "list in the body replaces the body", "_request.py", '{**kwargs.get("json", {}), name: texts}', "{name: texts}",
        "operation_checks.check_awkward_lists", "events.userEvent: body",
    ),
    Mutant(
        "one list value too many", "_request.py", "MAX_LIST_VALUES = 128", "MAX_LIST_VALUES = 129",
        "operation_checks.check_list_limit", "channels.play: sync_detailed: media with 129 values is sent",
    ),
    _operation(
        "body not wrapped", "channels/channels_create", "body.to_dict()", 'body.to_dict()["variables"]',
        "check_full_requests", "channels.create: body",
    ),
    _operation(
        "filter wrapped", "applications/applications_filter", '_kwargs["json"] = body', '_kwargs["json"] = {"filter": body}',
        "check_full_requests", "applications.filter: body",
    ),
    # operations: answers
    _operation(
        "wrong result class", "channels/channels_get", "from ...models.channel import Channel",
        "from ...models.bridge import Bridge as Channel", "check_responses", "channels.get: KeyError",
    ),
    _operation(
        "list read as one", "bridges/bridges_list", "return response_2xx", "return response_2xx[0]",
        "check_responses", "bridges.list: ",
    ),
    _operation(
        "201 not read", "channels/channels_play", "200 <= response.status_code <= 299", "response.status_code == 200",
        "check_responses", "channels.play: answer 201",
    ),
    _operation(
        "errors read as results", "channels/channels_list", "200 <= response.status_code <= 299", "response.status_code",
        "check_responses", "channels.list: JSONDecodeError",
    ),
    _operation(
        "another error raised", "sounds/sounds_list", "raise errors.UnexpectedStatus(", "raise ValueError(",
        "check_unexpected_status", "sounds.list: ValueError",
    ),
    _operation(
        "asynchronous half broken", "channels/channels_ring", "await client.get_async_httpx_client().request(**kwargs)",
        'await client.get_async_httpx_client().request(**{**kwargs, "method": "delete"})',
        "check_async_equals_sync", "channels.ring: asyncio_detailed sends",
    ),
    # models
    _model(
        "closed enumeration", "channel", "return cast(ChannelState | str, data)", "return ChannelState(data)",
        "check_open_enums", "Channel: ValueError: 'Unknown (99)'",
    ),
    _model(
        "known value forgotten", "channel_state", '    RSRVD = "Rsrvd"\n', "",
        "check_open_enums", "Channel: state: the enumeration",
    ),
    _model(
        "field required that 13 lacks", "channel", 'given(d.pop("protocol_id", UNSET))', 'd.pop("protocol_id")',
        "check_releases", "Channel of 13.38.3: KeyError: 'protocol_id'",
    ),
    _model(
        "required field optional", "channel", 'd.pop("accountcode")', 'd.pop("accountcode", UNSET)',
        "check_required_fields", "Channel: accountcode may be left out",
    ),
    _model(
        "additional properties lost", "playback", "playback.additional_properties = d", "pass",
        "check_unknown_fields", "Playback: keeps {}",
    ),
    _model(
        "field left over", "channel", 'd.pop("language")', 'd["language"]',
        "check_round_trip", "Channel: left over: ['language']",
    ),
    _model(
        "nullable number refused", "dialplan_cep", " priority = self.priority\n", " priority = int(self.priority)\n",
        "check_nullable_fields", "DialplanCEP: TypeError",
    ),
    Mutant(
        "raw field always there", "json_shapes.py", "protocol_id: NotRequired[str]", "protocol_id: str",
        "model_checks.check_json_shapes", "Channel: the shape's protocol_id is str, not NotRequired[str]",
    ),
    Mutant(
        "null not tolerated", "types.py", "return UNSET if value is None else value", "return value",
        "model_checks.check_absent_and_null", "StasisStart: replace_channel null",
    ),
    Mutant(
        "dates in another form", "types.py", "return text[:-3] + text[-2:] if", "return text if",
        "model_checks.check_round_trip", "Channel: comes out as",
    ),
    # the registry
    Mutant(
        "event dropped from the registry", "_meta.py", '        "StasisEnd": "stasis_end",\n', "",
        "registry_checks.check_events", "StasisEnd: missing or unknown event",
    ),
    Mutant(
        "every event the first class", "_meta.py", "EVENT_TYPES[name].from_dict",
        'EVENT_TYPES["ApplicationMoveFailed"].from_dict',
        "registry_checks.check_events", "StasisStart: ",
    ),
    Mutant(
        "availability shifted", "_meta.py", '"13": "13.26.0"', '"13": "13.27.0"',
        "registry_checks.check_operations", "applications.filter availability",
    ),
    Mutant(
        "needed parameter not required", "_meta.py", 'required=("channelId", "direction")', 'required=("channelId",)',
        "registry_checks.check_operations", "channels.mute required",
    ),
    Mutant(
        "operation renamed", "_meta.py", '"channels.sendDTMF"', '"channels.sendDtmf"',
        "registry_checks.check_operations", "channels.sendDTMF: missing or unknown",
    ),
    Mutant("release forgotten", "_meta.py", '"13.38.3", ', "", "registry_checks.check_releases", "RELEASES is"),
    # imports
    _operation(
        "operation imports its neighbour", "channels/channels_ring", "from ... import errors",
        "from ... import errors\nfrom . import channels_get", "import_checks.check_operations_are_light",
        "channels.ring: imports ari_rest.api.channels.channels_get",
    ),
    Mutant(
        "models loaded at once", "models/__init__.py", "_MODULES = {", "from .channel import Channel\n\n_MODULES = {",
        "import_checks.check_package_is_light", "import ari_rest.models imports ari_rest.models.channel",
    ),
    Mutant(
        "module that warns", "models/bridge.py", "T = TypeVar", 'import warnings\n\nwarnings.warn("old")\nT = TypeVar',
        "import_checks.check_everything_imports", "ari_rest.models.bridge: UserWarning",
    ),
    Mutant(
        "module that does not compile", "api/endpoints/endpoints_send_message.py", "def _get_kwargs(", "def _get_kwargs(body,",
        "import_checks.check_everything_imports", "endpoints_send_message: SyntaxError",
    ),
    # secrets and UNSET
    Mutant(
        "token in the repr", "client.py", "token: str = field(repr=False)", "token: str",
        "client_checks.check_secrets_stay_out_of_reprs", "repr of AuthenticatedClient shows a secret",
    ),
    Mutant(
        "UNSET copied", "types.py", "def __reduce__", "def other",
        "client_checks.check_unset_is_one", "deepcopy makes another UNSET",
    ),
)  # fmt: skip


def copy_package(target: Path) -> Path:
    """A copy of `generated/`, with its compiled files, which stay valid."""
    shutil.copytree(GENERATED / "ari_rest", target / "ari_rest")
    return target


@contextmanager
def damaged(package: Path, mutant: Mutant) -> Iterator[None]:
    """A copy with the mutant applied, and put right afterwards; nothing to find means that the whole file goes."""
    file = package / "ari_rest" / mutant.file
    text, stat = file.read_text(encoding="utf-8"), file.stat()
    assert mutant.find in text, f"{mutant.name}: {mutant.file} does not hold {mutant.find!r}"
    file.unlink()
    if mutant.find:
        file.write_text(text.replace(mutant.find, mutant.replace), encoding="utf-8")
    try:
        yield
    finally:
        file.write_text(text, encoding="utf-8")
        os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns))  # so that its compiled file is valid again


@cache
def _checker() -> "subprocess.Popen[str]":
    """The process that runs checks, one for all tests of this one."""
    command = [sys.executable, "-B", "-W", "error", "-m", "tests.generated.run_check"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    atexit.register(process.communicate)  # its input ends, and so does it
    return process


def problems(module: str, check: str, package: Path, swagger: Path, only: str | None = None) -> list[str]:
    """What a check finds in a package, in a fresh process where every warning is an error."""
    request = {"module": module, "check": check, "package": str(package), "swagger": str(swagger), "only": [only] if only else []}
    checker = _checker()
    assert checker.stdin is not None
    assert checker.stdout is not None
    checker.stdin.write(json.dumps(request) + "\n")
    checker.stdin.flush()
    found: list[str] = json.loads(checker.stdout.readline())
    return found
