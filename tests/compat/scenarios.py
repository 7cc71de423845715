"""What programs of ari-py do, each on any server: the embedded one, and a real one."""

from collections.abc import Callable

from tests.compat.stage import Stage


def hello(stage: Stage) -> None:
    program = stage.program("hello")
    stage.caller()
    program.says(r"start \[\] Local", "finished sound:hello-world done", "end Channel", "over")
    program.ends()


def digits(stage: Stage) -> None:
    program = stage.program("digits")
    stage.caller("dtmf")
    program.says("digits 1234", "forgotten 1234")
    program.ends()


def conference(stage: Stage) -> None:
    program = stage.program("conference")
    callers = []
    for number in (1, 2, 3):
        callers.append(stage.caller())
        program.says(f"entered {number}")
    for number, caller in zip((2, 1, 0), callers, strict=True):
        stage.hang_up(caller)
        program.says(f"left True {number}")
    program.says("destroyed True")
    program.ends()


def connect(stage: Stage) -> None:
    program = stage.program("connect")
    caller = stage.caller()
    program.says("originated True", "connected 2")
    stage.hang_up(caller)
    program.says("over True")
    program.ends()


def record(stage: Stage) -> None:
    program = stage.program("record")
    stage.caller("talk")
    name = f"{stage.app}-recording"
    program.says(rf"recording LiveRecording\({name}\) wav", "finished True", "stored StoredRecording wav True", "left False")
    program.ends()


def variables(stage: Stage) -> None:
    program = stage.program("variables")
    stage.caller()
    program.says("value blue, or green", "zero 0")
    program.says(r"given \['1', '2'\] \['plain'\]|given \['3', '4'\] \['wrapped'\]")
    program.says(r"given \['1', '2'\] \['plain'\]|given \['3', '4'\] \['wrapped'\]")
    program.ends()


def hold(stage: Stage) -> None:
    program = stage.program("hold")
    stage.caller()
    pairs = (("startMoh", "stopMoh"), ("hold", "unhold"), ("mute", "unmute"), ("startSilence", "stopSilence"))
    program.says(*(f"{begin} None {end} None" for begin, end in pairs), "over")
    program.ends()


def dialplan(stage: Stage) -> None:
    program = stage.program("dialplan")
    stage.caller()
    program.says("left the app", "lives Up", "destroyed True False")
    program.ends()


def listing(stage: Stage) -> None:
    program = stage.program("listing", waits=False)
    program.says(r"\['applications', 'asterisk', 'bridges'\]", "channels list", "version True", r"bridges \[\]")
    program.says(r"endpoint Endpoint\(PJSIP/uas\)", "endpoints True", "sounds True", "apps False", "global None True")
    program.says(r"Repository\(sounds\) None")
    program.ends()


def errors(stage: Stage) -> None:
    program = stage.program("errors", waits=False)
    program.says("gone 404 True", "no bridge 404 True", "no endpoint 500 True", "neither 400 True", "no app 404 True")
    program.says("unknown TypeError", "missing TypeError", "no method AttributeError", "no resource AttributeError")
    program.says("no event ValueError", "no field ValueError", "password 401", "nobody there")
    program.ends()


def snoop(stage: Stage) -> None:
    program = stage.program("snoop")
    stage.caller("talk")
    program.says("snooping True True", "end Snoop", "end Local")
    program.ends()


def device_states(stage: Stage) -> None:
    program = stage.program("device_states")
    caller = stage.caller()
    program.says("changed True BUSY", "now BUSY")
    stage.hang_up(caller)
    program.says("changed True NOT_INUSE")
    program.ends()


def user_events(stage: Stage) -> None:
    program = stage.program("user_events")
    stage.caller()
    program.says("Order 4711 True", "Bare None False")
    program.ends()


def signals(stage: Stage) -> None:
    program = stage.program("signals")
    for number in (1, 2):
        stage.caller()
        program.says(f"active {number}")
    program.process.terminate()
    program.says("Application finished")
    program.ends()


def menu(stage: Stage) -> None:
    program = stage.program("menu")
    stage.caller("dtmf")
    program.says("interrupted by 1", "read 234#", "hung up in Reading")
    program.ends()


def old_style(stage: Stage) -> None:
    program = stage.program("old_style", options=("--stasis-start", "channel"))
    stage.caller()
    program.says(r"start Channel\(.+\) True", "over")
    program.ends()


def failing(stage: Stage) -> None:
    program = stage.program("failing")
    stage.caller()
    program.says(r"failures \[\"KeyError\('no such customer'\)\"\]")
    program.ends()


SCENARIOS: tuple[Callable[[Stage], None], ...] = (
    hello, digits, conference, connect, record, variables, hold, dialplan, listing, errors, snoop, device_states, user_events,
    signals, menu, old_style, failing,
)  # fmt: skip
