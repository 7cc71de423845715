"""Which server a command talks to, and that no password is shown."""

import os
from pathlib import Path

import pytest

from asterisk_ari.cli.profile import GivenAccess, profiles_file, read_profile, settings_of
from asterisk_ari.errors import BadArgument
from tests.cli.running import Run

PROFILES = """
[lab]
url = "https://pbx.lab:8089/asterisk"
username = "ops"
password = "hunter-two"
app_name = "ivr"
verify = false
"""


@pytest.fixture
def profiles(environment: Path) -> Path:
    file = environment / "asterisk-ari" / "profiles.toml"
    file.parent.mkdir()
    file.write_text(PROFILES, encoding="utf-8")
    return file


def settings(**given: object) -> object:
    return settings_of(GivenAccess(**given))  # type: ignore[arg-type]


def test_a_profile_names_everything(profiles: Path) -> None:
    found = settings_of(GivenAccess(profile="lab"))
    assert found.base_url == "https://pbx.lab:8089/asterisk/ari"
    assert (found.username, found.password, found.app_name, found.verify) == ("ops", "hunter-two", "ivr", False)


def test_options_come_before_the_profile_and_variables_after_it(profiles: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARI_USERNAME", "of-the-environment")
    monkeypatch.setenv("ARI_APP", "of-the-environment")
    assert settings_of(GivenAccess()).username == "of-the-environment"
    found = settings_of(GivenAccess(profile="lab", app_name="mine", url="http://127.0.0.1:1"))
    assert (found.username, found.app_name, found.base_url) == ("ops", "mine", "http://127.0.0.1:1/ari")


def test_a_variable_may_name_the_profile(profiles: Path) -> None:
    assert settings_of(GivenAccess(), {"ARI_PROFILE": "lab", "ARI_CONFIG": str(profiles)}).username == "ops"


def test_a_password_may_be_in_a_file_of_its_own(profiles: Path) -> None:
    """Beside the profiles, or where an option says; one line is read."""
    (profiles.parent / "secret").write_text("from-a-file\nnot this\n", encoding="utf-8")
    profiles.write_text('[lab]\npassword_file = "secret"\n', encoding="utf-8")
    assert settings_of(GivenAccess(profile="lab")).password == "from-a-file"
    assert settings_of(GivenAccess(password_file=profiles.parent / "secret")).password == "from-a-file"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[lab]\nuser_name = 'x'\n", r"no such setting: user_name; did you mean 'username'"),
        ("[other]\n", r"no profile 'lab'; it has: other"),
        ("[lab\n", r"is no TOML"),
        ("[lab]\npassword_file = 'nowhere'\n", r"nowhere cannot be read"),
        ("[lab]\nca_file = 'nowhere'\n", r"nowhere cannot be read"),
        ("[lab]\nverify = 'yes'\n", r"verify must be true or false"),
        ("[lab]\nurl = 'http://a:secret@b'\n", r"must not contain credentials"),
    ],
)
def test_what_is_wrong_with_a_profile_is_said(text: str, said: str, profiles: Path) -> None:
    profiles.write_text(text, encoding="utf-8")
    with pytest.raises(BadArgument, match=said) as refusal:
        settings_of(GivenAccess(profile="lab"))
    assert "secret" not in str(refusal.value)


@pytest.mark.parametrize("key", ["url", "username", "password", "password_file", "app_name", "ca_file"])
def test_a_value_that_is_no_text_is_named_and_not_shown(key: str, profiles: Path) -> None:
    profiles.write_text(f"[lab]\n{key} = [4711]\n", encoding="utf-8")
    with pytest.raises(BadArgument, match=f"'lab' in .*: {key} must be text") as raised:
        read_profile(profiles, "lab")
    assert "4711" not in str(raised.value)


def test_a_file_that_is_not_there_is_named(environment: Path) -> None:
    with pytest.raises(BadArgument, match=r"profiles\.toml cannot be read"):
        read_profile(profiles_file(), "lab")


def test_the_password_is_in_no_repr(profiles: Path) -> None:
    values = read_profile(profiles, "lab")
    assert "hunter" not in f"{values!r} {GivenAccess(password='hunter-two')!r} {settings_of(GivenAccess(profile='lab'))!r}"


def test_a_wrong_profile_ends_a_command_with_one_line(profiles: Path, run: Run) -> None:
    """As wrong use, before anything is sent."""
    ran = run("doctor", "--profile", "la")
    assert (ran.status, ran.out) == (2, "")
    assert ran.err.splitlines() == [f"asterisk-ari: {profiles} has no profile 'la'; it has: lab"]


def test_no_command_takes_a_password_as_an_argument(run: Run) -> None:
    ran = run("doctor", "--password", "x")
    assert ran.status == 2
    assert "No such option" in ran.err
    assert os.linesep in ran.err
