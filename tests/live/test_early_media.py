"""What a target sends before it answers, measured at the caller's phone, in both variants."""

from typing import Any

import pytest

from scripts.live import LiveAsterisk
from tests.live.calls import LIMIT, eventually, fresh, place
from tests.live.tones import LOUD, amplitude, samples_of

HERTZ = 1004  # of Milliwatt()


def recorded(ari: Any, far: Any, work: Any) -> list[int]:
    """What arrives at a phone while something is done."""
    ear = far.snoop(spy="in", snoop_id=fresh("ear"))
    recording = ear.record(fresh("heard"), "wav")
    work()
    with recording.expect("RecordingFinished") as finished:
        recording.stop()
        finished.result(LIMIT)
    ear.hangup()
    stored = ari.recordings(recording.id)
    samples = samples_of(stored.read())
    stored.delete()
    return samples


@pytest.mark.parametrize("target", ["PJSIP/early@trunk", "Local/early@plain"])
def test_the_caller_hears_it(ari: Any, packaged: LiveAsterisk, stored_files: None, target: str) -> None:
    """With "early_media" the tone of a target that has not answered; with "ring" nothing of it. Nothing is left."""
    packaged.cli("dialplan add extension early,1,Progress() into plain")
    packaged.cli("dialplan add extension early,2,Milliwatt() into plain")
    near, far = place(ari, stays=True)
    bridges = {one.id for one in ari.bridges.list()}
    channels = {one.id for one in ari.channels.list()}
    heard: dict[str, float] = {}
    with ari.call(near) as call:
        for ringback in ("early_media", "ring"):
            outcomes: list[Any] = []

            def dial(ringback: str = ringback, outcomes: list[Any] = outcomes) -> None:
                outcomes.append(call.dial(target, ringback=ringback, ring_seconds=3))

            heard[ringback] = amplitude(recorded(ari, far, dial), HERTZ)
            assert [type(one).__name__ for one in outcomes] == ["NoAnswer"]
            eventually(lambda: {one.id for one in ari.channels.list()} <= channels, "channels are left")
            assert {one.id for one in ari.bridges.list()} <= bridges
    assert heard["early_media"] > LOUD > heard["ring"]
