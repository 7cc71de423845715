"""The documentation site: what its pages must name, and that what looks at the built site finds what is wrong."""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from ari_rest._meta import EVENT_FIELDS, EVENT_TYPES, OPERATIONS
from asterisk_ari import Reconnect, Settings
from asterisk_ari.aio import Call
from scripts.docs_site import check, errors, event_examples, events, follow, follow_tutorials, look, names, operations
from scripts.docs_site.commands import all_commands
from scripts.docs_site.ladders import README_PICTURE, pictures
from scripts.docs_site.llms import listing, texts, whole
from scripts.docs_site.pages import made_pages

ROOT = Path(__file__).resolve().parents[2]
PUBLIC_MODULES = ("asterisk_ari.aio", "asterisk_ari.sync", "asterisk_ari.errors", "asterisk_ari.events", *names.modules())


@pytest.fixture(scope="module")
def made() -> dict[str, str]:
    return made_pages()


def headings(page: str) -> set[str]:
    """The anchors that a page gives its headings, and the settings that it gives a row."""
    return set(re.findall(r"^#+ .* \{ #(\S+) \}$", page, re.MULTILINE)) | set(re.findall(r'<span id="(\w+)">', page))


def test_every_operation_has_its_place(made: dict[str, str]) -> None:
    pages = {path: headings(text) for path, text in made.items() if path.startswith("reference/operations/")}
    assert [name for name in OPERATIONS if name not in pages[f"reference/operations/{name.partition('.')[0]}.md"]] == []


def recorded_pairs() -> set[tuple[str, str]]:
    """Operations that a real Asterisk 22.10.1 accepted, each with the events of the scenarios in which it did."""
    paths = {
        name: re.compile(f"{one.method.upper()} {re.sub(r'{[^}]+}', '[^/?]+', one.path)}") for name, one in OPERATIONS.items()
    }
    literal_first = sorted(paths, key=lambda name: OPERATIONS[name].path.count("{"))
    found: set[tuple[str, str]] = set()
    for file in (ROOT / "tests/contract/expected").glob("*-22.10.1.json"):
        for scenario in json.loads(file.read_text(encoding="utf-8")).values():
            requests = [one["request"].partition("?")[0] for one in scenario["steps"] if 200 <= one.get("status", 0) < 300]
            names = {next((name for name in literal_first if paths[name].fullmatch(one)), "") for one in requests}
            types = {event["type"] for events in scenario["events"].values() for event in events}
            found |= {(name, kind) for name in names for kind in types}
    return found


# Seen on the same server by an app that is subscribed to all, where the recorded scenarios have none or make no such request.
SEEN_OTHERWISE = {
    ("bridges.play", "PlaybackContinuing"),
    ("bridges.playWithId", "PlaybackContinuing"),
    ("bridges.playWithId", "PlaybackFinished"),
    ("bridges.playWithId", "PlaybackStarted"),
    ("channels.externalMedia", "ChannelCreated"),
    ("channels.playWithId", "PlaybackContinuing"),
    ("channels.setChannelVars", "ChannelVarset"),
    ("channels.snoopChannel", "ChannelCreated"),
    ("channels.snoopChannelWithId", "ChannelCreated"),
    ("events.claimChannel", "CallClaimed"),
}


def test_the_events_of_each_operation_were_seen_on_a_real_server(made: dict[str, str]) -> None:
    told = {(name, event) for name, effect in operations.effects().items() for event in effect.get("events", ())}
    assert told - recorded_pairs() == SEEN_OTHERWISE
    assert {event for _, event in told} <= EVENT_TYPES.keys()


def test_every_operation_says_all_there_is_to_say(made: dict[str, str]) -> None:
    """Its request, releases, methods, result, errors, events and what to look out for, and each of its parameters."""
    for name, operation in OPERATIONS.items():
        page = made[f"reference/operations/{name.partition('.')[0]}.md"]
        section = page.partition(f"{{ #{name} }}")[2].partition("\n## ")[0]
        rows = dict(re.findall(r"^\| (\w[\w ]*) \| (.*) \|$", section, re.MULTILINE))
        rows.pop("parameter", None)
        assert rows.keys() == {"request", "since", "methods", "result", "errors", "events", "look out"}, name
        assert all(rows.values()), name
        assert len(section.partition("|")[0].strip()) > 20, f"{name}: says not what it does"
        assert [one for one in operation.params if f"| `{one}` |" not in section] == [], name
        assert [str(status) for status in operation.errors if str(status) not in rows["errors"]] == [], name
        assert [event for event in operations.effects()[name].get("events", ()) if f"#{event})" not in rows["events"]] == [], name


def test_every_event_and_error_says_all_there_is_to_say(made: dict[str, str]) -> None:
    """An event its fields and an example in JSON, an error its cause and its cure."""
    for name in EVENT_TYPES.keys() - set(events.CLIENT_MADE):
        section = made["reference/events.md"].partition(f"{{ #{name} }}")[2].partition("\n## ")[0]
        example = json.loads(section.partition("```json\n")[2].partition("```")[0])
        assert example["type"] == name
        fields = EVENT_FIELDS[name].keys() - set(events.SHARED)
        assert [field for field in fields if f"| `{field}` |" not in section] == [], name
    for name in errors.all_errors():
        section = made["reference/errors.md"].partition(f"{{ #{name} }}")[2].partition("\n## ")[0]
        assert re.search(r"\*\*Cause\.\*\* .{10}.*\n\n\*\*Cure\.\*\* .{10}", section), name


def test_every_event_error_setting_and_command_has_its_place(made: dict[str, str]) -> None:
    assert set(EVENT_TYPES) - headings(made["reference/events.md"]) == set()
    assert {"ConnectionLost", "Reconnected", "EventsLost", "UnknownEvent"} <= headings(made["reference/events.md"])
    assert headings(made["reference/errors.md"]) == set(errors.all_errors())
    assert {field.name for field in fields(Settings)} | {"Reconnect"} == headings(made["reference/settings.md"])
    assert [field.name for field in fields(Reconnect) if f"`{field.name}`" not in made["reference/settings.md"]] == []
    assert headings(made["reference/commands.md"]) == set(all_commands())


@pytest.mark.parametrize("module", PUBLIC_MODULES)
def test_every_public_name_has_its_place(made: dict[str, str], module: str) -> None:
    """Its docstring is shown on a page, or it is one of the errors, or of what `asterisk_ari` itself has from elsewhere."""
    shown = {name for text in made.values() for name in re.findall(r"^::: (\S+)$", text, re.MULTILINE)}
    known = set(errors.all_errors()) | set(names.ELSEWHERE.get(module, ()))
    assert [
        name
        for name in names.public_names(module)
        if f"{module}.{name}" not in shown and name not in known and name != "BY_STATUS"
    ] == []


def test_a_new_name_has_its_place_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """What no topic names is on the page of the client; what there is no more is on none."""
    monkeypatch.setitem(names.TOPICS, "calls", ("Gone", *names.TOPICS["calls"][1:]))
    pages = names.pages()
    assert "::: asterisk_ari.aio.Call\n" in pages["reference/api/aio-client.md"]
    assert "Gone" not in pages["reference/api/aio-calls.md"]


def test_examples_of_events_are_whole() -> None:
    """An example is of its type, and was sent, but for what no server sends any more, which the page says."""
    examples = {name: event_examples.example(name) for name in EVENT_TYPES}
    assert [name for name, (event, _) in examples.items() if event["type"] != name] == []
    made_up = {name for name, (_, whose) in examples.items() if "Put together" in whose} - set(events.CLIENT_MADE)
    assert made_up == {"MissingParams"}
    assert "never send it" in examples["MissingParams"][1]
    assert examples["StasisStart"][1].startswith("As the embedded Asterisk")
    assert examples["ChannelTransfer"][1].startswith("As an Asterisk 22.10.1")


def labels(picture: str) -> list[str]:
    """What is written in a picture of a call, but for the times."""
    return re.findall(r'<text class="(?!t")[^>]*>([^<]*)', picture)


@pytest.fixture(scope="module")
def drawn() -> dict[str, str]:
    return pictures()


@pytest.mark.parametrize(
    ("tutorial", "happens"),
    [
        ("ivr", ["digit 4", "sound:demo-instruct playing", "PJSIP/bob-", "Answered elsewhere"]),
        ("reception", ["PJSIP/alice-", "PJSIP/bob-", "enters into transfers"]),
        ("queue", ["PJSIP/alice-", "POST addChannel", "Normal Clearing"]),
        ("conference", ["sound:conf-onlyperson playing", "DELETE moh"]),
        ("dialler", ["sound:vm-press playing", "digit 1", "DELETE channel"]),
    ],
)
def test_the_ladders_of_the_tutorials(drawn: dict[str, str], tutorial: str, happens: list[str]) -> None:
    """Each is drawn with what happens in it, and is on its page."""
    picture = drawn[f"assets/{tutorial}-ladder.svg"]
    assert [one for one in happens if one not in picture] == []
    assert f"../assets/{tutorial}-ladder.svg" in (ROOT / f"docs/tutorials/{tutorial}.md").read_text(encoding="utf-8")


def test_the_ladder_of_the_first_program(drawn: dict[str, str]) -> None:
    """It is drawn with what happens in it."""
    picture = drawn["assets/hello-ladder.svg"]
    assert "enters into hello" in picture
    assert "digit 4" in picture
    assert labels(picture) == labels(README_PICTURE.read_text(encoding="utf-8")), "python -m scripts.docs_site.ladders"


def complaints(folder: Path, monkeypatch: pytest.MonkeyPatch, **pages: str) -> list[str]:
    """What is said of a site of these pages, which must name nothing."""
    monkeypatch.setattr(check, "expected", lambda: iter(()))
    for name, text in pages.items():
        (folder / f"{name}.html").write_text(text, encoding="utf-8")
    return list(check.Site(folder).complaints())


def test_a_good_site_gets_no_complaint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = '<p id="here"><a href="b.html#there">x</a><a href="#here">x</a><a href="https://pbx.example/">x</a></p>'
    assert complaints(tmp_path, monkeypatch, a=page, b='<p id="there">') == []


@pytest.mark.parametrize(
    ("page", "complaint"),
    [
        ('<a href="b.html">x</a>', "a.html: b.html leads nowhere"),
        ('<a href="#gone">x</a>', "a.html: #gone leads nowhere"),
        ('<script src="https://cdn.example/x.js"></script>', "a.html: loads https://cdn.example/x.js from elsewhere"),
        ('<link rel="stylesheet" href="//cdn.example/x.css">', "a.html: loads //cdn.example/x.css from elsewhere"),
        ("<code>--8&lt;-- <b>x.py</b></code>", "a.html: a file was to be put in, and was not"),
        ('<img src="picture.svg">', "a.html: picture.svg leads nowhere"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, page: str, complaint: str) -> None:
    assert complaints(tmp_path, monkeypatch, a=page) == [complaint]


def test_a_style_from_elsewhere_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "x.css").write_text("@font-face{src:url(https://fonts.example/x.woff2)}")
    assert complaints(tmp_path, monkeypatch, a="") == ["x.css: loads something from elsewhere"]


def test_what_the_site_must_name_is_missed(tmp_path: Path) -> None:
    """A site without pages of the reference lacks all that is public."""
    (tmp_path / "index.html").write_text("")
    found = list(check.Site(tmp_path).complaints())
    assert "reference/errors.html: CallEnded is missing" in found
    assert "reference/operations/channels.html: channels.answer is missing" in found
    assert "reference/api/aio-calls.html: asterisk_ari.aio.Call is missing" in found
    assert check.main([str(tmp_path)]) == 1


def test_the_pages_as_plain_text() -> None:
    """A line for each page of the navigation, by its title; files that a page includes stand in it."""
    pages = {"how-to/a.md": "# Do `it` { #do }\n", "index.md": '# Home\n--8<-- "x.py"\n'}
    nav = "site_description: About.\nnav:\n  - Start:\n      - index.md\n  - How-to:\n      - Deep:\n          - how-to/a.md\n          - Events: reference/events.md\n"
    listed = listing(nav, pages)
    assert listed.startswith("# asterisk-ari\n\n> About.\n\n## Start\n\n- [Home](index.html)\n\n## How-to\n\n### Deep\n\n")
    assert "- [Do it](how-to/a.html)\n- [Events](reference/events.html)\n" in listed
    assert whole(pages, {"x.py": "print(1)\n"}) == "# Do `it` { #do }\n\n\n# Home\nprint(1)\n"


def test_the_plain_text_is_whole() -> None:
    """Every page of the navigation, the text of every page and example, every operation and error."""
    made = texts(ROOT)
    assert set(re.findall(r"(\S+)\.md$", (ROOT / "mkdocs.yml").read_text().partition("\nnav:")[2], re.MULTILINE)) <= set(
        re.findall(r"\((\S+)\.html\)", made["llms.txt"])
    )
    for page in (ROOT / "docs").rglob("*.md"):
        first = page.read_text(encoding="utf-8").partition("--8<--")[0]
        assert first in made["llms-full.txt"], page
    short = made["llms-full.txt"].partition("# Operations, in short")[2]
    assert [name for name in (*OPERATIONS, *errors.all_errors()) if f"- `{name}`: " not in short] == []


def test_the_rules_are_printed() -> None:
    """They come with the package, and name only what is there."""
    done = subprocess.run(
        [sys.executable, "-m", "asterisk_ari.docs"], capture_output=True, encoding="utf-8", timeout=60, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("# Rules for programs")
    other = [sys.executable, "-m", "asterisk_ari.docs", "other.txt"]
    done_other = subprocess.run(other, capture_output=True, encoding="utf-8", timeout=60, check=False)
    assert (done_other.returncode, done_other.stderr) == (1, "no other.txt: one of AGENTS.md, llms.txt, llms-full.txt\n")
    assert [name for name in re.findall(r"`call\.(\w+)", done.stdout) if not hasattr(Call, name)] == []
    known = {*errors.all_errors(), *EVENT_TYPES, *names.public_names("asterisk_ari.aio"), "AsteriskARI"}
    assert set(re.findall(r"`([A-Z][a-z]+[A-Z]\w+)`", done.stdout)) - known == set()


PAGE = """\
```python title="say.py"
print("one")
```

```shell
python3 say.py
```

```text title="output"
OUTPUT
```
"""


def test_a_page_is_followed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What it promises is so; else it is said what is."""
    page = tmp_path / "page.md"
    page.write_text(PAGE.replace("OUTPUT", "one"))
    assert follow.main([str(page)]) == 0
    page.write_text(PAGE.replace("OUTPUT", "two"))
    assert follow.main([str(page)]) == 1
    assert "promises\ntwo\nbut it is\none\n" in capsys.readouterr().err
    page.write_text(PAGE.replace("python3 say.py", "python3 missing.py"))
    assert follow.main([str(page)]) == 1
    assert "missing.py" in capsys.readouterr().err


TWO_SHELLS = """\
```python title="wait.py"
import pathlib, time
while not pathlib.Path("called").exists():
    time.sleep(0.01)
try:
    print("a call", flush=True)
    time.sleep(60)
except KeyboardInterrupt:
    pass
```

```shell
python3 wait.py
```

```shell title="second shell"
COMMAND
```

```text title="output"
a call
```
"""


def test_a_page_of_two_shells_is_followed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What runs in the first goes on beside the second, and ends with Ctrl-C; a failure of either is told."""
    page = tmp_path / "page.md"
    page.write_text(TWO_SHELLS.replace("COMMAND", "touch called"))
    assert follow.main([str(page)]) == 0
    assert "a call" in capsys.readouterr().out
    page.write_text(TWO_SHELLS.replace("COMMAND", "touch called; nonsense"))
    assert follow.main([str(page)]) == 1
    assert "nonsense" in capsys.readouterr().err
    page.write_text(TWO_SHELLS.replace("COMMAND", "touch called").replace("import pathlib", "import missing, pathlib"))
    assert follow.main([str(page)]) == 1
    assert "missing" in capsys.readouterr().err


def test_a_page_installs_this_checkout() -> None:
    """With the extra that it names, whatever a registry has."""
    found = follow.INSTALLED.sub(r"<\1>", "pip install 'asterisk-ari[cli]'\npip install asterisk-ari\npip install other\n")
    assert found == "pip install <asterisk-ari[cli]>\npip install <asterisk-ari>\npip install other\n"


def test_without_a_browser_it_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(look, "chromium", lambda: None)
    assert look.main([str(tmp_path)]) == 0
    assert capsys.readouterr().out == "no Chromium here: the site was not looked at in a browser\n"


class Shown:
    """What a browser would say of each page."""

    def __init__(self, **said: Any) -> None:
        self.said = {look.TOO_WIDE: False, look.WITHOUT_PICTURE: [], look.SCHEME: "slate", look.FOUND: [], **said}
        self.requested = ["file:///site/index.html", "https://cdn.example/x.js"]
        self.complaints = ["x is not defined"]

    def open(self, url: str, width: int, *, dark: bool = False) -> None:
        self.said[look.SCHEME] = "slate" if dark else "default"

    def value(self, expression: str) -> Any:
        return self.said.get(expression)

    def until(self, is_so: Callable[[], bool], otherwise: str) -> None:
        if not is_so():
            raise RuntimeError(otherwise)


def test_what_a_browser_shows_is_named(tmp_path: Path) -> None:
    """Pages of one kind are looked at by their like."""
    (tmp_path / "reference/api").mkdir(parents=True)
    for name in ("index.html", "404.html", "reference/api/x.html"):
        (tmp_path / name).write_text("")
    browser: Any = Shown(**{look.TOO_WIDE: True, look.WITHOUT_PICTURE: ["a.svg"], look.FOUND: ["/site/command-line.html"]})
    found = list(look.complaints(tmp_path, browser))
    assert found[:4] == [
        "index.html: wider than a screen of 360 pixels",
        "index.html: a.svg is not shown",
        "index.html: loads https://cdn.example/x.js",
        "index.html: x is not defined",
    ]
    assert [line.partition(" does not find ")[0] for line in found[4:]] == [
        f"who searches for {text!r}" for text in look.SEARCHES if text != "doctor"
    ]


def test_every_tutorial_can_be_followed() -> None:
    """It shows a program, and says how it is tried in the second shell; what it promises is compared but for its numbers."""
    pages = set(follow_tutorials.TUTORIALS.glob("*.md")) - {follow_tutorials.FIRST}
    assert len(pages) > 6
    for page in pages:
        text = page.read_text(encoding="utf-8")
        [(name, source)] = follow_tutorials.PROGRAM.findall(text)
        assert (follow_tutorials.DOCS / source).is_file()
        blocks = {title: block for _, title, block in follow.BLOCK.findall(text)}
        assert name.removesuffix(".py") in blocks[follow_tutorials.SECOND], page
    assert follow_tutorials.alike("Local/a-0000001f;1 after 2.1 s") == follow_tutorials.alike("Local/a-0000002f;1 after 30.5 s")
    assert follow_tutorials.alike("answered") != follow_tutorials.alike("failed")
