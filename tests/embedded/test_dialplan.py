import pytest

from asterisk_ari.testing.machine.state.dialplan import Dialplan
from tests.embedded.support import Client

TEXT = """
[general]
static = yes
[a]
exten => s,1,Goto(b,1) ; a comment
exten => b,1,Answer()
 same => n(top),Wait(2)
 same => n,Goto(top)
exten => _1XX,1,NoOp(three digits)
exten => _1[0-4]X,1,NoOp(narrow)
exten => _9.,1,NoOp(nine)
exten => alice,hint,PJSIP/alice
include => other
[other]
exten => here,1,Hangup(17)
"""


@pytest.fixture
def dialplan() -> Dialplan:
    return Dialplan(TEXT)


def test_priorities_and_labels(dialplan: Dialplan) -> None:
    step = dialplan.step("a", "b", 2)
    assert step is not None
    assert (step.application, step.data, step.label) == ("Wait", "2", "top")
    assert dialplan.label("a", "b", "top") == 2
    assert dialplan.label("a", "b", "nosuch") is None


@pytest.mark.parametrize(
    ("number", "exists"),
    [("123", True), ("199", True), ("12", False), ("9", False), ("91", True), ("here", True), ("alice", False)],
)
def test_patterns(dialplan: Dialplan, number: str, exists: bool) -> None:
    assert dialplan.exists("a", number, 1) is exists


def test_contexts_as_mappings() -> None:
    step = Dialplan({"c": {"_X!": ["Answer()", "Playback(beep)"]}}).step("c", "55", 2)
    assert step is not None
    assert (step.application, step.data) == ("Playback", "beep")


def test_a_connected_application_has_a_context(dialplan: Dialplan) -> None:
    dialplan.add_application("ivr")
    assert dialplan.exists("stasis-ivr", "anything", 1)
    dialplan.remove_application("ivr")
    assert not dialplan.exists("stasis-ivr", "anything", 1)


@pytest.mark.parametrize(("label", "status"), [("2nd", 200), (" -1", 200), ("9" * 5000, 200), ("x2", 404), ("-", 404)])
def test_a_label_that_begins_with_a_number_is_that_priority(client: Client, label: str, status: int) -> None:
    """Read as C reads numbers, however many digits it has."""
    parameters = {"endpoint": "Local/x@nowhere", "context": "default", "extension": "s", "label": label}
    assert client("POST", "channels", parameters).status == status
