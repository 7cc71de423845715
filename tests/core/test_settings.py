"""Arguments first, then `ARI_*` variables, then defaults; and what could not work is refused."""

import ssl
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asterisk_ari.errors import BadArgument
from asterisk_ari.policies import Reconnect
from asterisk_ari.settings import DEFAULT_APP, Settings, load

VARIABLES = {"ARI_HOST": "pbx", "ARI_PORT": "9000", "ARI_USERNAME": "u", "ARI_PASSWORD": "p", "ARI_APP": "a"}


def test_without_anything_the_defaults_of_the_reference() -> None:
    """localhost, 8088, asterisk, asterisk, aiagc."""
    settings = load({})
    assert ("localhost", 8088, "asterisk", "asterisk", "aiagc") == (
        settings.host, settings.port, settings.username, settings.password, settings.app_name,
    )  # fmt: skip
    assert "http://localhost:8088/ari" == settings.base_url


def test_variables_stand_for_arguments() -> None:
    """Each of the five has its variable; an empty one counts as none."""
    settings = load(VARIABLES)
    assert ("pbx", 9000, "u", "p", "a") == (settings.host, settings.port, settings.username, settings.password, settings.app_name)
    assert load({}) == load(dict.fromkeys(VARIABLES, "") | {"ARI_URL": ""})


@pytest.mark.parametrize(
    ("name", "value"),
    [("host", "h"), ("port", 1), ("username", "x"), ("password", "y"), ("app_name", "z"), ("app_name", "aiagc")],
)
def test_arguments_win_over_variables(name: str, value: Any) -> None:
    """Also the default's own text, when it is given on purpose."""
    assert value == getattr(load(VARIABLES, **{name: value}), name)


def test_the_default_app_gives_way() -> None:
    """The signature's default is none given."""
    assert "a" == load(VARIABLES, app_name=DEFAULT_APP).app_name


@pytest.mark.parametrize(
    ("url", "base", "events"),
    [
        ("http://pbx", "http://pbx:8088/ari", "ws://pbx:8088/ari/events"),
        ("http://pbx:80/", "http://pbx:80/ari", "ws://pbx:80/ari/events"),
        ("http://pbx:8088/ari", "http://pbx:8088/ari", "ws://pbx:8088/ari/events"),
        ("https://pbx/ari/", "https://pbx:8089/ari", "wss://pbx:8089/ari/events"),
        ("https://pbx:8089/asterisk/ari", "https://pbx:8089/asterisk/ari", "wss://pbx:8089/asterisk/ari/events"),
        ("http://[::1]:8088", "http://[::1]:8088/ari", "ws://[::1]:8088/ari/events"),
    ],
)
def test_an_address_says_it_all(url: str, base: str, events: str) -> None:
    """`url`, or ARI_URL, is host, port, TLS and prefix in one."""
    for settings in (load({}, url=url), load({"ARI_URL": url}), load({**VARIABLES, "ARI_URL": url})):
        assert (base, events) == (settings.base_url, settings.events_url)


@pytest.mark.parametrize(
    ("settings", "base"),
    [
        ({"tls": True}, "https://localhost:8089/ari"),
        ({"tls": True, "port": 443}, "https://localhost:443/ari"),
        ({"tls": False}, "http://localhost:8088/ari"),
        ({"prefix": "asterisk"}, "http://localhost:8088/asterisk/ari"),
        ({"prefix": "/asterisk/"}, "http://localhost:8088/asterisk/ari"),
        ({"prefix": "/"}, "http://localhost:8088/ari"),
        ({"host": "::1"}, "http://[::1]:8088/ari"),
    ],
)
def test_the_parts_make_the_address(settings: dict[str, Any], base: str) -> None:
    """TLS has a port of its own, and a prefix may be written as in http.conf."""
    assert base == load({}, **settings).base_url


@pytest.mark.parametrize("given_", [{"host": "other"}, {"port": 5}])
def test_an_argument_wins_over_the_address_variable(given_: dict[str, Any]) -> None:
    """ARI_URL gives way as a whole to a host or port that is given."""
    settings = load({"ARI_URL": "https://pbx:9999/x"}, **given_)
    assert not settings.tls
    assert "" == settings.prefix


@pytest.mark.parametrize(
    "url",
    [
        "pbx:8088",
        "ftp://pbx",
        "http://",
        "http://u:secret@pbx",
        "http://secret@pbx",
        "http://pbx:99999",
        "http://pbx:x",
        "http://[::1",
        "",
    ],
)
def test_what_is_no_address_is_refused(url: str) -> None:
    """It must look like one, and never carry credentials; those are not shown."""
    if not url:
        assert load({}) == load({}, url=url)
        return
    with pytest.raises(BadArgument) as caught:
        load({}, url=url)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("port", [0, -1, 65_536, "x", "80.5", 80.5, True, "", b"80"])
def test_what_is_no_port_is_refused(port: Any) -> None:
    """1 to 65535, as a number or in digits."""
    with pytest.raises(BadArgument, match="port"):
        load({}, port=port)


def test_a_bad_variable_is_refused() -> None:
    """A port in the environment is checked as well."""
    with pytest.raises(BadArgument, match="port"):
        load({"ARI_PORT": "http"})


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"host": "http://pbx"}, "host"),
        ({"host": "pbx/ari"}, "host"),
        ({"host": "user@pbx"}, "host"),
        ({"host": "a b"}, "host"),
        ({"app_name": ""}, "app name"),
        ({"app_name": "a,b"}, "app name"),
        ({"apps": ("ok", "")}, "app name"),
        ({"app_name": 5}, "app name"),
        ({"username": 5}, "username"),
        ({"password": b"x"}, "password"),
        ({"version_check": "maybe"}, "version_check"),
        ({"request_timeout_seconds": 0}, "request_timeout_seconds"),
        ({"connect_timeout_seconds": -1}, "connect_timeout_seconds"),
        ({"stasis_timeout_seconds": "30"}, "stasis_timeout_seconds"),
        ({"ping_timeout_seconds": float("nan")}, "ping_timeout_seconds"),
        ({"workers": True}, "workers"),
    ],
)
def test_settings_that_cannot_work_are_refused(settings: dict[str, Any], words: str) -> None:
    """Each says which one."""
    with pytest.raises(BadArgument, match=words):
        load({}, **settings)


def test_apps_are_named_once_and_in_order() -> None:
    """The client's own app is the first."""
    assert ("a", "b", "c") == load({}, app_name="a", apps=("b", "a", "c", "b")).all_apps


def test_the_password_is_in_no_repr() -> None:
    """Nor in that of a dataclass that holds everything else."""
    shown = repr(load({}, password="s3cret", verify=ssl.create_default_context(), reconnect=Reconnect(enabled=False)))
    assert "s3cret" not in shown
    assert "localhost" in shown


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), min_size=1, max_size=60))
def test_any_password_is_the_rest_of_the_header(password: str) -> None:
    """The header ends a user name at the first colon: what follows is the password, colons and all."""
    import base64

    pair = base64.b64decode(Settings(username="u", password=password).authorization.removeprefix("Basic ")).decode()
    assert ("u", password) == tuple(pair.split(":", 1))


def test_unknown_options_are_named() -> None:
    """A slip in a name is an error that says which, and shows no value."""
    with pytest.raises(TypeError, match=r"^no such option: pasword. Did you mean 'password'\?$"):
        load({}, pasword="secret")
