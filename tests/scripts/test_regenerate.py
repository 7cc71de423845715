"""The regeneration from end to end, in a copy of the checkout: what it writes, what it prints, and what a failure leaves."""

import copy
import json
import shutil
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from scripts import facts as facts_module
from scripts import generate, meta
from scripts import regenerate as regenerate_module
from scripts.errors import RegenerateError
from tests.generated.mutants import problems
from tests.scripts.checkout import Run, built_once, copy_checkout, digests, regenerate
from tests.scripts.definitions_server import PASSWORD, USERNAME, DefinitionsServer, json_reply, serving_facts
from tests.scripts.dialect import ROOT, documents, facts_of
from tests.scripts.small_facts import field, model, parameter
from tests.servers.script import Reply

pytestmark = pytest.mark.usefixtures("credentials")
VIEWS = "facade/asterisk_ari/_event_views.py"


@dataclass(frozen=True)
class Regenerated:
    """A copy of the checkout, regenerated once; `before` is what it was until then."""

    checkout: Path
    run: Run
    before: dict[str, str]


def regenerated_once(factory: pytest.TempPathFactory, name: str, start: Path | None, *arguments: str) -> Regenerated:
    """That checkout, or this one, regenerated with these arguments."""

    def build(folder: Path) -> None:
        checkout = folder / "checkout"
        if start is None:
            copy_checkout(checkout)
        else:
            shutil.copytree(start, checkout)
        before = digests(checkout)
        run = regenerate(checkout, *arguments)
        (folder / "told.json").write_text(json.dumps([run.code, run.out, run.err, before]), encoding="utf-8")

    folder = built_once(factory, name, build)
    code, out, err, before = json.loads((folder / "told.json").read_text(encoding="utf-8"))
    return Regenerated(folder / "checkout", Run(code, out, err), before)


@pytest.fixture(scope="session")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Regenerated:
    """A copy of the checkout, regenerated from its own `swagger/`."""
    return regenerated_once(tmp_path_factory, "fresh", None)


@pytest.fixture
def checkout(fresh: Regenerated, tmp_path: Path) -> Path:
    """A regenerated copy of this test's own."""
    return Path(shutil.copytree(fresh.checkout, tmp_path / "checkout"))


# --- without an argument ------------------------------------------------------------------------------------------------


def test_regenerating_changes_nothing(fresh: Regenerated) -> None:
    """The committed package, facts, LOCK and event views are exactly what `swagger/` gives."""
    assert (fresh.run.code, fresh.run.err) == (0, "")
    assert fresh.before == digests(fresh.checkout)


def test_the_counts_are_printed(fresh: Regenerated) -> None:
    """A run prints one row of counts per release, so that a drop is seen."""
    rows = {line.split()[0]: line.split()[1:] for line in fresh.run.out.splitlines() if line.strip()}
    expected = {"13.38.3": "64 94 212 88 117 7 69 241 37", "23.4.1": "76 109 275 100 160 15 85 291 45"}
    assert expected == {release: " ".join(rows[release]) for release in expected}


def test_check_passes_on_a_fresh_checkout(checkout: Path) -> None:
    """`--check` of what was just regenerated finds nothing and writes nothing."""
    before = digests(checkout)
    run = regenerate(checkout, "--check")
    assert (run.code, run.err) == (0, "")
    assert before == digests(checkout)


def test_check_names_every_stale_file(
    fresh: Regenerated, checkout: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """`--check` fails with the names of the files that were edited, left over or are missing, and leaves them so."""
    _no_generator(fresh.checkout, monkeypatch)  # which gives what is there, as the test before this one shows
    monkeypatch.setattr(generate, "check_words", lambda words: [])  # only a generation asks for all of them
    monkeypatch.setattr(regenerate_module.unasync, "convert_all", lambda *, check: [])
    package = checkout / "generated" / "ari_rest"
    edited = package / "api" / "channels" / "channels_answer.py"
    edited.write_text(edited.read_text(encoding="utf-8") + "# edited\n", encoding="utf-8")
    (package / "models" / "playback.py").unlink()
    (package / "extra.py").write_text("", encoding="utf-8")
    for file in (checkout / "swagger" / "asterisk-20.0.0.json", checkout / "swagger" / "LOCK.toml", checkout / VIEWS):
        file.write_text(file.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    before = digests(checkout)
    code = regenerate_module.main(["--check"], root=checkout)
    expected = [
        "stale: facade/asterisk_ari/_event_views.py",
        "stale: generated/ari_rest/api/channels/channels_answer.py",
        "stale: generated/ari_rest/extra.py",
        "stale: generated/ari_rest/models/playback.py",
        "stale: swagger/LOCK.toml",
        "stale: swagger/asterisk-20.0.0.json",
    ]
    *named, last = capsys.readouterr().err.splitlines()
    assert expected == sorted(named)
    assert (code, last) == (1, "regenerate: 6 problems: run `nox -s regenerate` and commit the result")
    assert before == digests(checkout)


# --- from a server with news --------------------------------------------------------------------------------------------


def _operation(facts: Any, name: str) -> Any:
    resource, nickname = name.split(".")
    return next(item for item in facts["resources"][resource]["operations"] if item["nickname"] == nickname)


def facts_with_news() -> Any:
    """A release nobody knows, 24.0.0: something new of each kind, and two things that break callers."""
    facts = facts_of("23.4.1")
    facts["release"] = "24.0.0"
    freeze = {
        **copy.deepcopy(_operation(facts, "channels.hold")),
        "nickname": "freezeNow",
        "path": "/channels/{channelId}/freeze",
    }
    freeze["parameters"].append(parameter("how", multiple=True))
    facts["resources"]["channels"]["operations"].append(freeze)
    _operation(facts, "channels.hangup")["parameters"].append(parameter("farewell"))
    _operation(facts, "channels.answer")["parameters"].append(parameter("politeness", required=True))
    fields = facts["resources"]["channels"]["models"]["Channel"]["fields"]
    fields["state"]["values"].append("Frozen")
    fields["mood"] = {"type": "Date", "required": False}
    del fields["language"]
    events = facts["resources"]["events"]["models"]
    events["ChannelFrozen"] = copy.deepcopy(events["ChannelHold"])
    events["Event"]["subtypes"].append("ChannelFrozen")
    return facts


@pytest.fixture(scope="session")
def grown(fresh: Regenerated, tmp_path_factory: pytest.TempPathFactory) -> Regenerated:
    """A checkout regenerated from a server of that unknown release."""
    with pytest.MonkeyPatch.context() as environment, serving_facts(facts_with_news(), "24.0.0~dfsg-1") as server:
        environment.setenv("ARI_USERNAME", USERNAME)
        environment.setenv("ARI_PASSWORD", PASSWORD)
        return regenerated_once(tmp_path_factory, "grown", fresh.checkout, server.url)


def test_a_new_release_is_filed(grown: Regenerated) -> None:
    """The server's definitions become `swagger/asterisk-<release>.json`, facts only, and LOCK.toml knows them."""
    checkout, run = grown.checkout, grown.run
    assert run.code == 0, run.err
    expected = facts_module.dump(facts_with_news())
    assert expected == (checkout / "swagger" / "asterisk-24.0.0.json").read_text(encoding="utf-8")
    assert '[releases."24.0.0"]' in (checkout / "swagger" / "LOCK.toml").read_text(encoding="utf-8")


def test_what_a_new_release_changes_is_printed(grown: Regenerated) -> None:
    """Each change of the client is a line of its own, and those that break callers are marked and counted."""
    lines = [line.strip() for line in grown.run.out.splitlines()]
    expected = [
        "+ operation channels.freezeNow",
        "! parameter channels.answer(politeness): required",
        "+ parameter channels.hangup(farewell)",
        "! field Channel.language: required True -> False",
        "+ field Channel.mood",
        "+ value Channel.state = Frozen",
        "+ model ChannelFrozen",
        "+ event ChannelFrozen",
    ]
    assert sorted(expected) == sorted(line for line in lines if line[:2] in ("+ ", "! ", "~ "))
    assert "the client: 8 changes, 2 breaking" in lines


def test_what_has_no_words_yet_is_printed(grown: Regenerated) -> None:
    """New elements need a description of ours: each is named with the file to write it in."""
    lines = grown.run.out.splitlines()
    expected = {
        "no description: operation channels.freezeNow: say what it is in swagger/descriptions/operations/channels.toml",
        "no description: field Channel.mood: say what it is in swagger/descriptions/models/channels.toml",
        "no description: model ChannelFrozen: say what it is in swagger/descriptions/models/events.toml",
    }
    assert expected == {line for line in lines if line in expected}


@pytest.mark.parametrize(
    "check",
    [
        "operation_checks.check_modules",
        "operation_checks.check_full_requests",
        "operation_checks.check_awkward_lists",
        "model_checks.check_round_trip",
        "model_checks.check_open_enums",
        "model_checks.check_releases",
        "registry_checks.check_events",
        "registry_checks.check_releases",
        "registry_checks.check_operations",
        "registry_checks.check_availability",
    ],
)
def test_the_new_client_holds_what_the_server_says(check: str, grown: Regenerated) -> None:
    """The contract checks, aimed at the new package and the new definitions, find nothing wrong."""
    checkout = grown.checkout
    nothing: list[str] = []
    assert nothing == problems(*check.split("."), checkout / "generated", checkout / "swagger")


def test_news_is_available_from_the_new_release_on(grown: Regenerated) -> None:
    """What only the new release has is available in its line, and in no other."""
    code = (
        "from ari_rest._meta import OPERATIONS as o; import json; print(json.dumps(dict(o['channels.freezeNow'].availability)))"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=grown.checkout / "generated", capture_output=True, text=True, check=True)
    expected = {"24": "24.0.0"}
    assert expected == json.loads(done.stdout)


def test_the_event_views_follow(grown: Regenerated) -> None:
    """The facade's typed views are made anew, with one for the new event."""
    assert "class ChannelFrozen(Event):" in (grown.checkout / VIEWS).read_text(encoding="utf-8")


def test_no_secret_is_printed(grown: Regenerated) -> None:
    """Neither output nor any file of the checkout holds the password."""
    checkout, run = grown.checkout, grown.run
    holding = [str(file) for file in checkout.rglob("*") if file.is_file() and PASSWORD.encode() in file.read_bytes()]
    assert (holding, PASSWORD in run.out + run.err) == ([], False)


def test_a_known_server_changes_nothing(grown: Regenerated, tmp_path: Path) -> None:
    """A second run against the same server says so, and gives the same bytes."""
    checkout = Path(shutil.copytree(grown.checkout, tmp_path / "checkout"))
    before = digests(checkout)
    with serving_facts(facts_with_news(), "24.0.0") as server:
        run = regenerate(checkout, server.url)
    assert run.code == 0, run.err
    assert "the server's 24.0.0 is as swagger/ has it" in run.out
    assert "the client: nothing changed" in run.out
    assert before == digests(checkout)


def test_the_drift_of_a_known_release_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    """A server whose release is known but which says something else is reported line by line, before what it changes."""
    known = facts_of("22.10.1")
    drifted = copy.deepcopy(known)
    _operation(drifted, "channels.answer")["errors"] = [404, 409, 418]
    others = facts_of("23.4.1")
    regenerate_module._report([known, others], [drifted, others], drifted)
    expected = [
        "drift of 22.10.1: ~ operation channels.answer: error codes [404, 409, 412] -> [404, 409, 418]",
        "the client: 1 changes, 0 breaking",
        "  ~ operation channels.answer: error codes [404, 409, 412] -> [404, 409, 412, 418]",
    ]
    assert expected == capsys.readouterr().out.splitlines()


def test_an_older_server_that_differs_is_told_apart(capsys: pytest.CaptureFixture[str]) -> None:
    """A server for which the client will not do, since a newer release moved something, does not pass as no change."""
    older, newest = facts_of("20.0.0"), facts_of("23.4.1")
    older["release"] = "20.9.0"
    _operation(older, "channels.answer")["path"] = "/channels/{channelId}/pickUp"
    regenerate_module._report([newest], [older, newest], older)
    expected = (
        "a newer release says otherwise than 20.9.0, and the client follows it: "
        "operation channels.answer: path /channels/{channelId}/pickUp -> /channels/{channelId}/answer"
    )
    assert expected in capsys.readouterr().out.splitlines()


def test_check_says_what_to_write_once(
    fresh: Regenerated, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An element without a description is named once, and the last line does not say that regenerating were enough."""
    _no_generator(fresh.checkout, monkeypatch)
    monkeypatch.setattr(generate, "check_words", lambda words: ["model Lot: say what it is", "model Lot: say what it is"])
    monkeypatch.setattr(regenerate_module.unasync, "convert_all", lambda *, check: [])
    code = regenerate_module.main(["--check"], root=fresh.checkout)
    last = "regenerate: 1 problems: write what is asked for above, then run `nox -s regenerate` and commit the result"
    assert (code, capsys.readouterr().err.splitlines()) == (1, ["model Lot: say what it is", last])


def test_a_build_that_is_no_release_can_have_news() -> None:
    """An operation that only a GIT build has is generated; in which releases it will be, nobody knows."""
    news = facts_with_news()
    news["release"] = "GIT-24-abc"
    inputs = generate.Inputs(ROOT / "swagger", news)
    modules: dict[str, str] = defaultdict(str)
    names = [item["release"] for item in inputs.releases]
    scope: dict[str, Any] = {"__package__": "ari_rest", "__name__": "ari_rest.probe"}
    exec(meta.render(inputs.corrected, inputs.availability, modules, names, "0" * 64), scope)
    expected: dict[str, str] = {}
    assert expected == dict(scope["OPERATIONS"]["channels.freezeNow"].availability)


# --- failures -----------------------------------------------------------------------------------------------------------


def _spoilt(change: Callable[[dict[str, Any]], Any]) -> DefinitionsServer:
    """A server whose document of channels is spoilt."""
    facts = facts_of("22.10.1")
    server = serving_facts(facts, "22.10.1")
    channels = documents(facts)["channels"]
    change(channels)
    server.pages["/ari/api-docs/channels.json"] = json_reply(channels)
    return server


def document_parameter(name: str) -> Any:
    return {"name": name, "paramType": "query", "dataType": "string"}


def _mended() -> DefinitionsServer:
    facts = facts_of("23.4.1")
    facts["resources"]["channels"]["models"]["Channel"]["fields"]["state"]["type"] = "int"
    return serving_facts(facts, "24.0.0")


def _cut() -> DefinitionsServer:
    server = serving_facts(facts_of("22.10.1"), "22.10.1")
    server.cut_after = 1000
    return server


FAILURES: dict[str, tuple[Callable[[], DefinitionsServer], str]] = {
    "ARI disabled": (lambda: DefinitionsServer(everything=Reply(404)), "404 not found: is ARI enabled in ari.conf"),
    "wrong credentials": (lambda: DefinitionsServer(everything=Reply(401)), "401 wrong credentials: check ARI_USERNAME"),
    "HTML": (
        lambda: DefinitionsServer(everything=Reply(200, b"<p>", "text/html")),
        "the answer is not JSON (text/html)",
    ),
    "redirect": (lambda: DefinitionsServer(everything=Reply(301, headers={"Location": "/"})), "301 points elsewhere"),
    "cut short": (_cut, "RemoteProtocolError"),
    "unknown key": (
        lambda: _spoilt(lambda node: node.update(tags=[])),
        "unknown resource key 'tags': teach scripts/normalise.py",
    ),
    "two operations of one name": (
        lambda: _spoilt(lambda node: node["apis"][0]["operations"].append(node["apis"][1]["operations"][0])),
        "rename one of them",
    ),
    "undefined type": (lambda: _spoilt(lambda node: node["models"].pop("Channel")), "type 'List[Channel]' is defined nowhere"),
    "hostile version": (lambda: serving_facts(facts_of("22.10.1"), "../../x"), "not a release that can be filed"),
    "one argument twice": (
        lambda: _spoilt(lambda node: node["apis"][1]["operations"][0]["parameters"].append(document_parameter("channel_id"))),
        "a parameter is declared twice: a damaged copy",
    ),
    "mended definitions": (_mended, "overlay: Channel.state: type is 'int', not 'string': mend or remove its entry"),
}


def _too_far(*_: object) -> None:
    raise AssertionError("none of these failures gets as far as this")


def failing(checkout: Path, capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Run a regeneration that fails: one line on stderr, exit code 1, every byte as before; returns the line."""
    before = digests(checkout)
    code = regenerate_module.main(list(arguments), root=checkout)
    printed = capsys.readouterr()
    (line,) = printed.err.splitlines()
    assert (code, line.startswith("regenerate: "), PASSWORD in line + printed.out) == (1, True, False)
    assert before == digests(checkout)
    return line


@pytest.mark.parametrize("name", FAILURES)
def test_failures_leave_everything_as_it_was(
    name: str, fresh: Regenerated, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever is wrong with a server: one line of cause and remedy, exit code 1, and not one byte changed."""
    make, expected = FAILURES[name]
    monkeypatch.setattr(generate, "generate", _too_far)
    with make() as server:
        line = failing(fresh.checkout, capsys, server.url)
    assert expected in line


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["http://admin:hunter2@127.0.0.1:1"], "the address must carry no credentials"),
        (["admin:hunter2@127.0.0.1:1"], "an address must carry no credentials"),
        (["/nowhere/at/all"], "/nowhere/at/all is neither an http(s) address nor a folder"),
        (["ftp://127.0.0.1"], "the address must look like http://HOST:8088"),
        (["http://127.0.0.1:1", "--check"], "--check takes no source"),
    ],
)
def test_wrong_arguments_leave_everything_as_it_was(
    arguments: list[str], expected: str, fresh: Regenerated, capsys: pytest.CaptureFixture[str]
) -> None:
    """A source that is none: one line of cause and remedy without any password, exit code 1, and not one byte changed."""
    line = failing(fresh.checkout, capsys, *arguments)
    assert (expected in line, "hunter2" in line) == (True, False)


def test_nobody_listening_leaves_everything_as_it_was(fresh: Regenerated, capsys: pytest.CaptureFixture[str]) -> None:
    """A server that is not there: one line, exit code 1, and not one byte changed."""
    with DefinitionsServer() as server:
        pass
    assert "is Asterisk running, and http.conf enabled on that port?" in failing(fresh.checkout, capsys, server.url)


def test_no_credentials_leave_everything_as_it_was(
    fresh: Regenerated, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without ARI_USERNAME and ARI_PASSWORD: one line that names them, exit code 1, and not one byte changed."""
    monkeypatch.delenv("ARI_USERNAME")
    line = failing(fresh.checkout, capsys, "http://127.0.0.1:1")
    assert line == "regenerate: no credentials: set ARI_USERNAME and ARI_PASSWORD to a user of the server's ari.conf"


def _no_values(facts: Any) -> None:
    """An enumeration without values, of which the generator only warns."""
    _operation(facts, "channels.hangup")["parameters"].append(parameter("farewell", values=[]))


def _model_like_an_enum(facts: Any) -> None:
    """A model with the name that the enumeration of Channel.state has."""
    facts["resources"]["channels"]["models"]["ChannelState"] = model(id=field())


def _same_path(facts: Any) -> None:
    """Two operations on one method and path: only one of them can be generated."""
    answer = _operation(facts, "channels.answer")
    facts["resources"]["channels"]["operations"].append({**copy.deepcopy(answer), "nickname": "pickUp"})


GENERATOR_FAILURES = {
    "two operations, one path": (_same_path, "the generator dropped ['api/channels/channels_answer.py'"),
    "values of none": (_no_values, "openapi-python-client does not accept the document"),
    "a model that is called like an enumeration": (_model_like_an_enum, "two different things come out as ChannelState"),
}


@pytest.mark.parametrize("name", GENERATOR_FAILURES)
def test_generator_warnings_leave_everything_as_it_was(
    name: str, fresh: Regenerated, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the generator only warns about, or drops in silence, is a failure like any other."""
    monkeypatch.setattr(regenerate_module.unasync, "convert_all", _too_far)
    change, expected = GENERATOR_FAILURES[name]
    facts = facts_of("23.4.1")
    change(facts)
    with serving_facts(facts, "24.0.0") as server:
        line = failing(fresh.checkout, capsys, server.url)
    assert expected in line


def _no_generator(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the package of the checkout for the new one."""

    def generated(inputs: generate.Inputs, folder: Path) -> Path:
        return Path(shutil.copytree(checkout / "generated" / "ari_rest", folder / "ari_rest"))

    monkeypatch.setattr(generate, "generate", generated)


def test_a_failed_conversion_leaves_everything_as_it_was(
    fresh: Regenerated, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the synchronous variant cannot be made, the new package is not swapped in either."""

    def convert_all(*, check: bool) -> list[str]:
        raise RegenerateError("unasync: rules that change nothing")

    _no_generator(fresh.checkout, monkeypatch)
    monkeypatch.setattr(regenerate_module.unasync, "convert_all", convert_all)
    with serving_facts(facts_with_news(), "24.0.0") as server:
        assert "unasync: rules that change nothing" in failing(fresh.checkout, capsys, server.url)


def test_check_names_a_stale_variant(
    fresh: Regenerated, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """`--check` asks for the synchronous variant too, and names what is stale of it."""
    _no_generator(fresh.checkout, monkeypatch)
    monkeypatch.setattr(generate, "check_words", lambda words: [])  # only a generation asks for all of them
    monkeypatch.setattr(regenerate_module.unasync, "convert_all", lambda *, check: ["_sync/client.py"] if check else _too_far())
    code = regenerate_module.main(["--check"], root=fresh.checkout)
    expected = ["stale: _sync/client.py", "regenerate: 1 problems: run `nox -s regenerate` and commit the result"]
    assert (code, capsys.readouterr().err.splitlines()) == (1, expected)


@pytest.mark.parametrize("failing", ["ari_rest", "LOCK.toml", "asterisk-24.0.0.json"])
def test_a_failed_swap_brings_everything_back(failing: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When one new file cannot be moved into place, package and files are as before, and none is there that was not."""
    current, new = tmp_path / "current", tmp_path / "aside"
    for folder, content in ((current, "old"), (new, "new")):
        (folder / "ari_rest").mkdir(parents=True)
        (folder / "ari_rest" / "client.py").write_text(content, encoding="utf-8")
        (folder / "LOCK.toml").write_text(content, encoding="utf-8")
    (new / "asterisk-24.0.0.json").write_text("new", encoding="utf-8")
    before = digests(current, "")
    rename = Path.rename

    def failing_rename(self: Path, target: Path) -> Path:
        if self == new / failing:
            raise OSError("disk full")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", failing_rename)
    with pytest.raises(OSError, match="disk full"):
        generate.swap({new / name: current / name for name in ("ari_rest", "LOCK.toml", "asterisk-24.0.0.json")})
    assert before == digests(current, "")


def test_a_full_disk_leaves_everything_as_it_was(
    fresh: Regenerated, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the system refuses while files are put in place is one line too, and nothing is half done."""
    rename = Path.rename

    def failing_rename(self: Path, target: Path) -> Path:
        if self.name == "LOCK.toml" and ".new-" in self.parent.name:
            raise OSError(28, "No space left on device")
        return rename(self, target)

    _no_generator(fresh.checkout, monkeypatch)
    monkeypatch.setattr(regenerate_module.unasync, "convert_all", lambda *, check: [])
    monkeypatch.setattr(Path, "rename", failing_rename)
    with serving_facts(facts_with_news(), "24.0.0") as server:
        line = failing(fresh.checkout, capsys, server.url)
    assert "No space left on device: nothing was changed; can this folder be written" in line


def test_an_interrupted_run_leaves_everything_as_it_was(
    fresh: Regenerated, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C while the client is generated is one line, and nothing is changed."""

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(generate, "generate", interrupted)
    with serving_facts(facts_with_news(), "24.0.0") as server:
        assert "interrupted: nothing was changed" in failing(fresh.checkout, capsys, server.url)


def test_a_second_run_in_a_terminal_that_is_not_utf8_changes_nothing(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing in the output depends on the run, or on a locale that knows nothing but ASCII: not one byte of any file.

    The synchronous variant is converted too.
    """
    shutil.copyfile(ROOT / "scripts" / "unasync.py", checkout / "scripts" / "unasync.py")
    for name, value in {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}.items():
        monkeypatch.setenv(name, value)
    before = digests(checkout)
    run = regenerate(checkout)
    assert (run.code, run.err) == (0, "")
    assert before == digests(checkout)
