"""IVRs from nested mappings: where keys lead, and which trees are refused."""

from typing import Any

import pytest

from asterisk_ari.errors import BadArgument
from asterisk_ari.kits.aio import BACK, TOP
from tests.calls.conftest import World
from tests.calls.programs import in_variant


async def leads(call: Any) -> None:
    await call.answer()
    results.append(await ivr.run(call))  # type: ignore[name-defined]  # noqa: F821
    await call.say("sound:bye")


async def asks(call: Any) -> Any:
    answer = await call.ask("sound:enter", max_digits=1, tries=1)
    return {"1": BACK, "2": TOP}.get(answer.digits, answer.digits)


@pytest.fixture
def phone(world: World, kits: Any) -> Any:
    """A caller in an IVR of two menus."""
    tree = {
        "say": "sound:welcome",
        "1": "sales",
        "2": {"say": "sound:menu", "1": "printers", "22": in_variant(asks, world.variant), "*": BACK, "#": TOP, "tries": 1},
    }
    world.program(leads, ivr=kits.Ivr(tree, invalid="sound:invalid", first_seconds=3))
    world.start()
    made = world.call_in()
    world.hears(made, "sound:welcome")
    yield made
    made.hang_up()


@pytest.mark.parametrize(
    ("typed", "value", "keys"),
    [
        ("1", "sales", ("1",)),
        ("21", "printers", ("2", "1")),
        ("2*1", "sales", ("1",)),
        ("2#1", "sales", ("1",)),
        ("2225", "5", ("2", "22")),
        ("22211", "printers", ("2", "1")),
        ("22221", "sales", ("1",)),
    ],
)
def test_where_keys_lead(world: World, phone: Any, typed: str, value: str, keys: tuple[str, ...]) -> None:
    phone.press(typed)
    world.until(lambda: world.results)
    assert (world.results[0].value, world.results[0].keys) == (value, keys)
    world.hears(phone, "sound:bye")


def test_a_menu_within_says_what_the_one_above_does(world: World, phone: Any) -> None:
    phone.press("7")
    world.hears(phone, "sound:invalid")
    phone.press("2")
    world.hears(phone, "sound:menu")
    phone.press("7")  # it has one try of its own
    world.until(lambda: world.results == [None])
    world.hears(phone, "sound:bye")


@pytest.mark.parametrize(
    ("tree", "message"),
    [
        ({}, 'the first menu must be a mapping with "say"'),
        ({"say": "sound:a"}, "the first menu: a menu needs choices"),
        ({"say": "no media", "1": 1}, "the first menu: say has"),
        ({"say": "sound:a", "x": 1}, "the first menu: choices has 'x'"),
        ({"say": "sound:a", "1": {"say": "sound:b", "2": {"1": 1}}}, "the menu at '12' must be a mapping"),
        ({"say": "sound:a", "1": 1, "tries": 0}, "the first menu: tries must be"),
        ({"say": "sound:a", "1": {"say": "sound:b", "2": 1, "first_seconds": "5"}}, "the menu at '1': first_seconds must be"),
        ({"say": "sound:a", "1": 1, "invalid": "no media"}, "the first menu: invalid has"),
    ],
)
def test_a_tree_in_which_nobody_could_choose_is_refused(kits: Any, tree: Any, message: str) -> None:
    with pytest.raises(BadArgument, match=message):
        kits.Ivr(tree)


def test_arguments_of_all_menus_are_checked(kits: Any) -> None:
    tree = {"say": "sound:a", "1": 1}
    with pytest.raises(BadArgument, match="the first menu: tries must be"):
        kits.Ivr(tree, tries=0)
    with pytest.raises(TypeError, match="no terminator"):
        kits.Ivr(tree, terminator="#")


def test_a_menu_within_itself_is_refused(kits: Any) -> None:
    tree: dict[str, Any] = {"say": "sound:a"}
    tree["1"] = tree
    with pytest.raises(BadArgument, match="contains itself"):
        kits.Ivr(tree)
