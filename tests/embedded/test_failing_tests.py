"""What a test that fails tells, and what fails a test although its assertions hold."""

import pytest

from asterisk_ari import AsteriskARI
from asterisk_ari.testing import EmbeddedAsterisk
from tests.embedded.support import Client
from tests.embedded.user_tests import PLUGIN

pytest_plugins = ["pytester"]

PROGRAM = """
import pytest

def answer(ari, event):
    channel = ari.channels(event["channel"]["id"])
    channel.answer()
    channel.play(media="sound:hello-world")
"""


@pytest.fixture(autouse=True)
def no_other_plugins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")


def run(pytester: pytest.Pytester, body: str) -> pytest.RunResult:
    pytester.makepyfile(PROGRAM + body)
    return pytester.runpytest_inprocess("-p", "no:cacheprovider", "-p", PLUGIN)


def test_a_failing_test_prints_its_calls(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
def test_it(embedded_asterisk, ari):
    ari.on("StasisStart", lambda event: answer(ari, event))
    phone = embedded_asterisk.incoming_call(app="test", caller="Ann <1234>")
    heard = embedded_asterisk.wait_until(phone.hears)
    assert heard.media == "sound:goodbye"
""",
    )
    result.assert_outcomes(failed=1)
    result.stdout.re_match_lines(
        [
            ".*- calls of embedded_asterisk -.*",
            ".*ms +app +PJSIP/anonymous",
            ".*enters",
            ".*POST answer",
            ".*POST play",
            ".*hello",
        ]
    )


FAULTS = {
    "handler_errors": (
        """
    ari.on("StasisStart", lambda event: 1 / 0)
    phone = embedded_asterisk.incoming_call(app="test")
    embedded_asterisk.wait_until(lambda: ari.stats.handler_errors)
    phone.hang_up()
""",
        "ZeroDivisionError: division by zero",
    ),
    "leftovers": (
        """
    embedded_asterisk.incoming_call(app="test")
    embedded_asterisk.wait_until(lambda: embedded_asterisk.events.of("StasisStart"))
    ari.bridges.create(bridge_id="b")
""",
        "PJSIP/anonymous-00000000 (Ring); bridge b",
    ),
    "open_calls": (
        """
    ari.on("StasisStart", lambda event: ari.channels(event["channel"]["id"]).answer())
    phone = embedded_asterisk.incoming_call(app="test")
    embedded_asterisk.wait_until(lambda: phone.answered)
""",
        "PJSIP/anonymous-00000000 (Up)",
    ),
    "not_implemented": (
        """
    with pytest.raises(Exception):
        ari.channels.external_media(app="test", external_host="127.0.0.1:9", format="ulaw", transport="tcp")
""",
        "POST /ari/channels/externalMedia → 501",
    ),
    "unknown_objects": (
        """
    with pytest.raises(Exception):
        ari.channels("nobody").set_variable("X", "1")
""",
        "POST /ari/channels/nobody/variable → 404",
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_what_goes_wrong_unseen_fails_the_test(pytester: pytest.Pytester, name: str) -> None:
    body, told = FAULTS[name]
    test = f"def test_it(embedded_asterisk, ari):{body}"
    result = run(pytester, test)
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines([f"*(allow='{name}')*{told}*"])
    run(pytester, f'@pytest.mark.ari(allow=["{name}"])\n{test}').assert_outcomes(passed=1)


def test_who_has_left_the_app_or_hung_up_is_no_open_call(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
def test_it(embedded_asterisk, ari):
    ari.on("StasisStart", lambda event: ari.channels(event["channel"]["id"]).answer())
    ari.on("ChannelDtmfReceived", lambda event: ari.channels(event["channel"]["id"]).continue_in_dialplan("plain", "wait"))
    stays, leaves = [embedded_asterisk.incoming_call(app="test") for _ in range(2)]
    embedded_asterisk.wait_until(lambda: stays.answered and leaves.answered)
    stays.press("1")
    leaves.hang_up()
    embedded_asterisk.wait_until(lambda: embedded_asterisk.events.about(stays.channel_id).of("StasisEnd"))
    assert not stays.ended
""",
    )
    result.assert_outcomes(passed=1)


def test_what_cannot_be_allowed_is_told(pytester: pytest.Pytester) -> None:
    result = run(pytester, '@pytest.mark.ari(allow="everything")\ndef test_it(embedded_asterisk, ari):\n    pass\n')
    result.assert_outcomes(errors=1)
    result.stdout.re_match_lines([r".*does not know \['everything'\]; it knows \['handler_errors', .*"])


def test_an_app_that_is_not_there(asterisk: EmbeddedAsterisk, client: Client) -> None:
    client.listen("ivr")
    with pytest.raises(LookupError, match=r"no app 'ivrr'; there are ivr"):
        asterisk.incoming_call(app="ivrr")


def test_nothing_that_is_heard_says_why(asterisk: EmbeddedAsterisk, client: Client) -> None:
    client.listen("app")
    phone = asterisk.incoming_call(app="app")
    heard = phone.hears()
    assert not heard
    assert heard.media == ""
    assert heard.why_nothing == "nothing is played on PJSIP/anonymous-00000000 (Ring, in no bridge)"
    phone.hang_up()
    assert phone.hears().why_nothing.startswith("the call is over (cause ")


def test_what_there_is(asterisk: EmbeddedAsterisk, client: Client) -> None:
    client.listen("app")
    phone = asterisk.incoming_call(app="app", caller="Ann <1234>")
    client("POST", f"channels/{phone.channel_id}/answer")
    client("POST", "bridges?bridgeId=b&type=mixing")
    client("POST", f"channels/{phone.channel_id}/record?name=r&format=wav")
    assert asterisk.channels[phone.channel_id]["caller"]["number"] == "1234"
    assert asterisk.bridges["b"]["bridge_type"] == "mixing"
    assert asterisk.recordings["r"]["state"] == "recording"
    client("POST", "recordings/live/r/stop")
    assert asterisk.recordings["r"] == {"name": "r", "format": "wav"}
    made = asterisk.requests.to("/bridges", "POST")[0]
    assert made.query == {"bridgeId": "b", "type": "mixing"}
    assert (made.status, made.answer["id"]) == (200, "b")


def test_requests_through_the_websocket_are_told_alike() -> None:
    with EmbeddedAsterisk("22.10.1", virtual_time=True) as newer:
        options = {"url": newer.url, "username": newer.username, "password": newer.password, "app_name": "t"}
        with AsteriskARI(**options, transport="websocket") as ari:
            ari.bridges.create(bridge_id="b", type="mixing")
        made = newer.requests.to("/bridges", "POST")[0]
        assert made.transport != "http"
        assert made.answer["id"] == "b"
        assert made.started == pytest.approx(newer.now)
