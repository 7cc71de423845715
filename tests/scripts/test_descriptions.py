"""Our own words: none missing, none about things that do not exist."""

from pathlib import Path

import pytest

from scripts import overlay
from scripts.descriptions import Descriptions, look_up_all
from scripts.errors import RegenerateError
from scripts.facts import load_all
from scripts.generate import check_words
from scripts.union import merge
from tests.scripts.dialect import SWAGGER
from tests.scripts.small_facts import facts, field, model, operation, parameter

OPERATIONS = """
[parameters]
size = "How large."
["things.play"]
summary = "Play it."
["things.play".params]
media = "What to play."
"""
MODELS = """
[Thing]
summary = "A thing."
[Thing.fields]
id = "Its id."
"""
FACTS = facts("1.0.0", [operation("play", parameter("media"), parameter("size"))], {"Thing": model(id=field())})


def words(folder: Path, operations: str = OPERATIONS, models: str = MODELS) -> Descriptions:
    for kind, text in (("operations", operations), ("models", models)):
        (folder / kind).mkdir()
        (folder / kind / "things.toml").write_text(text, encoding="utf-8")
    found = Descriptions(folder)
    look_up_all(found, FACTS)
    return found


def test_every_element_is_described(tmp_path: Path) -> None:
    """An operation's own words win, those shared by the resource stand in, and then nothing is missing or left over."""
    found = words(tmp_path)
    expected = ("Play it.", "What to play.", "How large.", "A thing.", "Its id.")
    assert expected == (
        found.operation("things", "play"),
        found.parameter("things", "play", "media"),
        found.parameter("things", "play", "size"),
        found.model("things", "Thing"),
        found.field("things", "Thing", "id"),
    )
    nothing: list[str] = []
    assert nothing == check_words(found)


@pytest.mark.parametrize(
    ("line", "missing"),
    [
        ('summary = "Play it."', "operation things.play"),
        ('media = "What to play."', "parameter things.play(media)"),
        ('size = "How large."', "parameter things.play(size)"),
        ('summary = "A thing."', "model Thing"),
        ('id = "Its id."', "field Thing.id"),
    ],
)
@pytest.mark.parametrize("instead", ["", "empty"])
def test_what_has_no_words_is_named(line: str, missing: str, instead: str, tmp_path: Path) -> None:
    """A missing or blank description is reported with the element and the file to write it in."""
    blank = f'{line.split(" = ", maxsplit=1)[0]} = "  "' if instead else ""
    found = words(tmp_path, OPERATIONS.replace(line, blank), MODELS.replace(line, blank))
    kind = "models" if missing.split(maxsplit=1)[0] in ("model", "field") else "operations"
    expected = [f"{missing}: say what it is in swagger/descriptions/{kind}/things.toml"]
    assert expected == found.missing


def test_words_about_nothing_are_named(tmp_path: Path) -> None:
    """A description of something that does not exist is reported with its file."""
    found = words(tmp_path, OPERATIONS.replace("[parameters]", '[parameters]\nmood = "How it feels."'))
    expected = ["swagger/descriptions/operations/things.toml: parameters / mood: describes nothing that exists, remove it"]
    assert expected == check_words(found)


def test_a_broken_file_is_named(tmp_path: Path) -> None:
    """A file that is not TOML stops with its name."""
    with pytest.raises(RegenerateError, match=r"things\.toml: .*: mend the file"):
        words(tmp_path, "summary = ")


def test_the_committed_descriptions_are_complete() -> None:
    """Every element of every release has words of ours, and no word is left over."""
    found = Descriptions(SWAGGER / "descriptions")
    look_up_all(found, overlay.apply(merge(load_all(SWAGGER)), overlay.load(SWAGGER)))
    nothing: list[str] = []
    assert nothing == check_words(found)
