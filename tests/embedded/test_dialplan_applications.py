"""Dialplan applications of calls that are not in an ARI application: what they decide, and the keys that they take."""

from __future__ import annotations

import logging

import pytest

from asterisk_ari.testing import EmbeddedAsterisk, Phone

DIALPLAN = """
[flow]
exten => sub,1,Gosub(greet,s,1(Ann,${EXTEN}))
 same => n,Set(GLOBAL(seen)=${GLOBAL(seen)}[${GOSUB_RETVAL}/${ARG1}])
 same => n,Hangup()
exten => if,1,ExecIf($[1 = 1]?Set(GLOBAL(seen)=yes):Set(GLOBAL(seen)=no))
 same => n,ExecIf(0?Set(GLOBAL(seen)=wrong))
 same => n,GosubIf($["a" = "b"]?greet,s,1(x):greet,s,1(Bob,3))
 same => n,Hangup()
exten => loop,1,Set(i=0)
 same => n,While($[${i} < 9])
 same => n,Set(i=$[${i} + 1])
 same => n,ExecIf($[${i} = 2]?ContinueWhile())
 same => n,ExecIf($[${i} = 4]?ExitWhile())
 same => n,Set(GLOBAL(seen)=${GLOBAL(seen)}${i})
 same => n,EndWhile()
 same => n,Set(GLOBAL(seen)=${GLOBAL(seen)}.)
 same => n,While(0)
 same => n,While(1)
 same => n,EndWhile()
 same => n,EndWhile()
 same => n,Set(GLOBAL(seen)=${GLOBAL(seen)}!)
 same => n,Hangup()
exten => functions,1,MSet(a=x-y-z,b=2)
 same => n,Set(GLOBAL(seen)=${CUT(a,,2)} ${CUT(a,-,2-)} ${IF($[${b} = 2]?two:other)} ${ISNULL()} ${EXISTS(${b})} ${TOUPPER(${a})})
 same => n,Hangup()
exten => unknown,1,Queue(sales,t)
 same => n,Hangup()

[greet]
exten => s,1,Set(GLOBAL(seen)=${GLOBAL(seen)}${ARG1}:${ARG2})
 same => n,Return(done)

[keys]
exten => read,1,Read(pin,beep,4,,2,10)
 same => n,Set(GLOBAL(seen)=${GLOBAL(seen)}${pin}/${READSTATUS})
 same => n,Hangup()
exten => menu,1,BackGround(hello-world)
 same => n,WaitExten(5)
exten => 1,1,Set(GLOBAL(seen)=one)
 same => n,Hangup()
exten => 22,1,Set(GLOBAL(seen)=twenty-two)
 same => n,Hangup()
exten => t,1,Set(GLOBAL(seen)=nothing)
 same => n,Hangup()
exten => i,1,Set(GLOBAL(seen)=invalid)
 same => n,Hangup()
exten => record,1,Record(/tmp/one.wav,0,30)
 same => n,Set(GLOBAL(seen)=${RECORD_STATUS} ${RECORDED_FILE})
 same => n,Hangup()
exten => say,1,SayDigits(12)
 same => n,SayNumber(7)
 same => n,Set(GLOBAL(seen)=said)
 same => n,Hangup()
"""


@pytest.fixture
def server() -> EmbeddedAsterisk:
    return EmbeddedAsterisk(virtual_time=True, dialplan=DIALPLAN, sounds={"hello-world": 1.4, "beep": 0.2})


def seen(asterisk: EmbeddedAsterisk) -> str:
    return asterisk.machine.global_variables.get("seen", "")


@pytest.mark.parametrize(
    ("exten", "expected"),
    [
        ("sub", "Ann:sub[done/]"),
        ("if", "yesBob:3"),
        ("loop", "13.!"),
        ("functions", "y y-z two 1 1 X-Y-Z"),
    ],
)
def test_what_is_executed_next(server: EmbeddedAsterisk, exten: str, expected: str) -> None:
    with server as asterisk:
        phone = asterisk.incoming_call(context="flow", called=exten)
        asterisk.advance(1)
        assert seen(asterisk) == expected
        assert phone.ended


def test_an_application_that_is_not_there_is_told_with_its_line(
    server: EmbeddedAsterisk, caplog: pytest.LogCaptureFixture
) -> None:
    with server as asterisk, caplog.at_level(logging.WARNING, "asterisk_ari.testing"):
        asterisk.incoming_call(context="flow", called="unknown")
        asterisk.advance(1)
    line = DIALPLAN.splitlines().index("exten => unknown,1,Queue(sales,t)") + 1
    assert f"Queue does nothing here (line {line}, flow,unknown,1): Queue(sales,t)" in caplog.text


def call(asterisk: EmbeddedAsterisk, exten: str) -> Phone:
    phone = asterisk.incoming_call(context="keys", called=exten)
    asterisk.advance(0.05)
    return phone


class TestRead:
    def test_as_many_keys_as_it_takes(self, server: EmbeddedAsterisk) -> None:
        with server as asterisk:
            phone = call(asterisk, "read")
            phone.press("1234")
            asterisk.advance(1)
            assert seen(asterisk) == "1234/OK"
            assert phone.ended

    def test_a_hash_ends_it(self, server: EmbeddedAsterisk) -> None:
        with server as asterisk:
            phone = call(asterisk, "read")
            asterisk.advance(5)
            phone.press("12#")
            asterisk.advance(1)
            assert seen(asterisk) == "12/OK"

    def test_nothing_is_typed_in_two_attempts(self, server: EmbeddedAsterisk) -> None:
        with server as asterisk:
            phone = call(asterisk, "read")
            asterisk.advance(19)
            assert not seen(asterisk)
            asterisk.advance(3)
            assert seen(asterisk) == "/TIMEOUT"
            assert phone.ended

    def test_the_caller_hangs_up_meanwhile(self, server: EmbeddedAsterisk) -> None:
        with server as asterisk:
            call(asterisk, "read").hang_up()
            asterisk.advance(60)
            assert not seen(asterisk)
            assert not asterisk.channels


@pytest.mark.parametrize(
    ("keys", "expected"), [("1", "one"), ("22", "twenty-two"), ("2", "invalid"), ("9", "invalid"), ("", "nothing")]
)
@pytest.mark.parametrize("after", [0.5, 3.0])
def test_a_menu(server: EmbeddedAsterisk, keys: str, expected: str, after: float) -> None:
    """A key during the announcement ends it; afterwards WaitExten() waits for one."""
    with server as asterisk:
        phone = call(asterisk, "menu")
        asterisk.advance(after)
        phone.press(keys)
        asterisk.advance(10)
        assert seen(asterisk) == expected
        assert phone.ended


@pytest.mark.parametrize(("keys", "status"), [("#", "DTMF"), ("5", "TIMEOUT"), ("", "TIMEOUT")])
def test_a_recording_of_the_dialplan(server: EmbeddedAsterisk, keys: str, status: str) -> None:
    with server as asterisk:
        phone = call(asterisk, "record")
        phone.press(keys)
        asterisk.advance(61)
        assert seen(asterisk) == ("TIMEOUT" if keys == "5" else status) + " /tmp/one"


def test_what_is_said_takes_its_time(server: EmbeddedAsterisk) -> None:
    with server as asterisk:
        call(asterisk, "say")
        assert not seen(asterisk)
        asterisk.advance(10)
        assert seen(asterisk) == "said"
