"""Neither password nor address with credentials is in a traceback's locals, whatever is wrong with the arguments."""

import re
import traceback
from typing import Any

import pytest

from tests.facade.variants import Variant

# Put together, so that no frame of a test holds it.
PARTS = ("s3cret", "PW")


def secret() -> str:
    return "".join(PARTS)


def shown(error: BaseException) -> list[str]:
    """What every frame of ours between here and the error shows of its locals, and what the error says."""
    frames = traceback.TracebackException.from_exception(error, capture_locals=True).stack
    ours = [frame for frame in frames if "asterisk_ari" in frame.filename]
    assert ours
    return [str(error), *(f"{frame.name}: {name}={value}" for frame in ours for name, value in (frame.locals or {}).items())]


@pytest.mark.parametrize(
    "options",
    [
        {"host": "a/b"},
        {"port": "x"},
        {"username": "a:b"},
        {"app_name": ""},
        {"app_name": "a,b"},
        {"transport": "pigeon"},
        {"transport": "websocket", "events": False},
        {"workers": 0},
        {"ping_interval_seconds": -1},
        {"url": "nonsense"},
        {"no_such_option": 1},
        {"apps": 5},
        {"reconnect": 5, "connect_timeout_seconds": "x"},
    ],
    ids=lambda options: next(iter(options)),
)
def test_a_bad_argument_shows_no_password(variant: Variant, options: dict[str, Any]) -> None:
    with pytest.raises((ValueError, TypeError)) as caught:
        variant.client_class(password=secret(), **options)
    assert [] == [line for line in shown(caught.value) if secret() in line]


def test_a_password_of_the_environment_is_not_shown(variant: Variant, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor is the environment itself."""
    monkeypatch.setenv("ARI_PASSWORD", secret())
    with pytest.raises(ValueError, match="host") as caught:
        variant.client_class(host="a/b")
    assert [] == [line for line in shown(caught.value) if secret() in line]


@pytest.mark.parametrize("suffix", ["\x00", "é" * 255, "\ud800"])
def test_a_password_that_is_refused_is_not_shown(variant: Variant, suffix: str) -> None:
    with pytest.raises(ValueError, match="password") as caught:
        variant.client_class(password=secret() + suffix)
    assert [] == [line for line in shown(caught.value) if secret() in line]


@pytest.mark.parametrize("by_variable", [False, True])
def test_credentials_in_the_address_are_not_shown(variant: Variant, monkeypatch: pytest.MonkeyPatch, by_variable: bool) -> None:
    options = {} if by_variable else {"url": f"http://me:{secret()}@localhost:8088"}
    if by_variable:
        monkeypatch.setenv("ARI_URL", f"http://me:{secret()}@localhost:8088")
    with pytest.raises(ValueError, match="must not contain credentials") as caught:
        variant.client_class(**options)
    assert [] == [line for line in shown(caught.value) if secret() in line]


def test_a_password_under_a_misspelt_name_is_not_shown(variant: Variant) -> None:
    with pytest.raises(TypeError, match="no such option: pasword. Did you mean 'password'") as caught:
        variant.client_class(pasword=secret())
    assert [] == [line for line in shown(caught.value) if secret() in line]


def test_a_client_whose_constructor_failed_has_a_repr(variant: Variant) -> None:
    """Debuggers and error reports show it."""
    with pytest.raises(ValueError, match="host") as caught:
        variant.client_class(host="a/b")
    assert [line for line in shown(caught.value) if re.match(r"__init__: self=<(Async)?AsteriskARI without settings>", line)]
