"""Generating: the tools are pinned, configuration elsewhere has no say, and what the generator drops is noticed."""

import copy
import shutil
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from scripts import availability, generate, openapi, verify
from scripts.errors import RegenerateError
from scripts.facts import operations
from tests.scripts.dialect import ROOT
from tests.scripts.small_facts import parameter


@pytest.fixture(scope="module")
def inputs() -> generate.Inputs:
    """What the committed client is made from."""
    return generate.Inputs(ROOT / "swagger")


def test_the_tools_are_the_pinned_ones() -> None:
    """LOCK.toml names exactly the generator and formatter that pyproject.toml pins."""
    lock = tomllib.loads((ROOT / "swagger" / "LOCK.toml").read_text(encoding="utf-8"))
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["dependency-groups"]
    expected = {lock["generator"].replace(" ", "=="), lock["formatter"].replace(" ", "==")}
    assert expected == set(groups["generate"])


def test_configuration_elsewhere_has_no_say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A ruff configuration in the folder one happens to be in changes nothing of the output."""
    text = "def f(first: int, second: int) -> dict[str, int]:\n    return {'first': first, 'second': second}\n"
    expected = generate.format_text(text)
    (tmp_path / "ruff.toml").write_text('line-length = 20\n[format]\nquote-style = "single"\n', encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert expected == generate.format_text(text)


def test_the_document_sends_no_defaults(inputs: generate.Inputs) -> None:
    """No schema of the document has a default, which the generated client would send; they are kept as x-ari-default."""
    paths = openapi.document(inputs.corrected, inputs.words, "1")["paths"]
    parameters = [item for path in paths.values() for operation in path.values() for item in operation["parameters"]]
    declared = [item for _, operation in operations(inputs.corrected) for item in operation["parameters"] if "default" in item]
    assert len(declared) > 38  # 20.15.2 alone has 38
    assert len(declared) == sum("x-ari-default" in item for item in parameters)
    assert "default" not in {key for item in parameters for key in (*item, *item["schema"])}


def test_the_fingerprint_follows_its_inputs(tmp_path: Path) -> None:
    """Any change of facts, corrections or words gives another fingerprint; the same inputs give the same."""
    swagger = Path(shutil.copytree(ROOT / "swagger", tmp_path / "swagger"))
    seen = [generate.Inputs(swagger).fingerprint]
    assert seen == [generate.Inputs(ROOT / "swagger").fingerprint]
    for name in ("overlay.toml", "availability.json", "descriptions/operations/channels.toml", "asterisk-20.0.0.json"):
        file = swagger / name
        text = file.read_text(encoding="utf-8")
        changed = text.replace('"20.0.0"', '"20.0.1"', 1) if name.startswith("asterisk") else text + "\n"
        file.write_text(text.replace('"13.0.0"', '"12.0.0"', 1) if name == "availability.json" else changed, encoding="utf-8")
        seen.append(generate.Inputs(swagger).fingerprint)
    assert len(seen) == len(set(seen))


def _drop_operation(package: Path) -> None:
    (package / "api" / "channels" / "channels_answer.py").unlink()


def _invent_operation(package: Path) -> None:
    (package / "api" / "channels" / "channels_freeze.py").write_text("", encoding="utf-8")


def _drop_model(package: Path) -> None:
    (package / "models" / "playback.py").unlink()


def _rename_event(package: Path) -> None:
    file = package / "models" / "stasis_start.py"
    file.write_text(file.read_text(encoding="utf-8").replace("class StasisStart:", "class StasisStart1:"), encoding="utf-8")


def _break_syntax(package: Path) -> None:
    file = package / "api" / "endpoints" / "endpoints_refer.py"
    file.write_text(file.read_text(encoding="utf-8").replace("def _get_kwargs(", "def _get_kwargs(body,"), encoding="utf-8")
    file.write_text(file.read_text(encoding="utf-8") + "\ndef (:\n", encoding="utf-8")


def _break_import(package: Path) -> None:
    file = package / "client.py"
    file.write_text(file.read_text(encoding="utf-8") + "\nimport nothing_of_that_name\n", encoding="utf-8")


def _replace(package: Path, name: str, find: str, replace: str) -> None:
    text = (package / name).read_text(encoding="utf-8")
    assert find in text
    (package / name).write_text(text.replace(find, replace), encoding="utf-8")


def _lose_parameter(package: Path) -> None:
    _replace(package, "api/channels/channels_dial.py", '_params["timeout"] = timeout', '_params["timeout"] = caller')


def _lose_field(package: Path) -> None:
    _replace(package, "models/playback.py", 'd.pop("media_uri")', '"always the same"')


def _lose_value(package: Path) -> None:
    _replace(package, "models/channel_state.py", '    RSRVD = "Rsrvd"\n', "")


def _hide_result(package: Path) -> None:
    _replace(package, "api/bridges/bridges_get.py", "import Bridge\n", "import Bridge\n\nBridge = str\n")


def _warn(package: Path) -> None:
    file = package / "errors.py"
    file.write_text(file.read_text(encoding="utf-8") + '\nimport warnings\nwarnings.warn("old")\n', encoding="utf-8")


DAMAGE: dict[Callable[[Path], None], str] = {
    _drop_operation: "the generator dropped ['api/channels/channels_answer.py'], invented nothing",
    _invent_operation: "the generator dropped nothing, invented ['api/channels/channels_freeze.py']",
    _drop_model: "the generator dropped the models ['Playback']",
    _rename_event: "the generator dropped the models ['StasisStart']",
    _break_syntax: "api/endpoints/endpoints_refer.py does not compile",
    _break_import: "the new client does not import: ModuleNotFoundError: No module named 'nothing_of_that_name'",
    _lose_parameter: "the new client does not do what the definitions say: channels.dial: ",
    _lose_field: "the new client does not do what the definitions say: channels.play: ",
    _lose_value: "the new client does not do what the definitions say: ChannelState: ",
    _hide_result: "the new client does not do what the definitions say: bridges.get: ",
    _warn: "the new client does not import: UserWarning: old",
}


@pytest.mark.parametrize("damage", DAMAGE, ids=lambda damage: damage.__name__.strip("_"))
def test_a_damaged_package_is_refused(damage: Callable[[Path], None], inputs: generate.Inputs, tmp_path: Path) -> None:
    """What the generator left out, made up or spoilt is named before anything is swapped in."""
    package = Path(shutil.copytree(ROOT / "generated" / "ari_rest", tmp_path / "ari_rest"))
    damage(package)
    with pytest.raises(RegenerateError) as caught:
        verify.package(inputs.corrected, package, openapi.enumerations(openapi.document(inputs.corrected, inputs.words, "1")))
    assert DAMAGE[damage] in str(caught.value)


def test_one_name_for_two_things_is_refused(inputs: generate.Inputs) -> None:
    """A model called as the enumeration of another model's field would take its place in silence."""
    facts = copy.deepcopy(inputs.corrected)
    facts["resources"]["channels"]["models"]["PlaybackState"] = {"fields": {}}
    with pytest.raises(RegenerateError, match="two different things come out as PlaybackState"):
        openapi.document(facts, inputs.words, "1")


def test_a_parameter_may_have_any_name(inputs: generate.Inputs, tmp_path: Path) -> None:
    """New parameters are sent as they are called, be it a word of Python's or a variable of the generated function."""
    names = ["params", "headers", "client", "url", "self", "class", "async", "json_format", "joinLists", "kwargs"]
    changed = copy.copy(inputs)
    changed.corrected = copy.deepcopy(inputs.corrected)
    (record,) = (item for key, item in operations(changed.corrected) if key == "channels.originate")
    record["parameters"] += map(parameter, names)
    changed.availability = availability.extend(inputs.availability, [changed.corrected])
    generate.generate(changed, tmp_path)  # it proves what it makes
    made = (tmp_path / "ari_rest/api/channels/channels_originate.py").read_text()
    assert [name for name in names if f'"{name}"' not in made] == []


def test_values_that_differ_in_case_only_are_all_there() -> None:
    """Values whose members would have one name get names of their own; others keep theirs."""
    assert openapi._member_names(["ulaw", "ULAW", "a b", "a-b"]) == {"x-enum-varnames": ["ULAW", "ULAW_1", "A_B", "A_B_3"]}
    nothing: dict[str, list[str]] = {}
    assert openapi._member_names(["ulaw", "alaw", ""]) == nothing
