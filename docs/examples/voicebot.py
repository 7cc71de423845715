"""A voice agent that needs no network and no model: it hears you speak, lets you interrupt it, and answers out of a table."""

import asyncio

from asterisk_ari import AsyncAsteriskARI
from asterisk_ari.aio import Call, EspeakNG, Interrupted, SpeechEnded, Spoken

ari = AsyncAsteriskARI(app_name="voicebot")
speaker = EspeakNG("en")  # the program of Debian's package; or any other speaker

GREETING = (
    "Hello! Say something short, and I tell you when we are open. Say something longer for our address, and a lot to leave."
)
ANSWERS = {
    "hours": "We are open from nine to five, on weekdays. What else can I do for you?",
    "address": "You find us behind the station, at the end of the street. What else can I do for you?",
    "bye": "Goodbye!",
}


def recognise(speech: SpeechEnded) -> str:
    """Stand in for a recogniser, which would look for keywords in `speech.pcm`: here the length is the message."""
    return "hours" if speech.duration_ms < 800 else "address" if speech.duration_ms < 1800 else "bye"


@ari.calls()
async def agent(call: Call) -> None:
    """Talk with one caller, until either hangs up."""
    await call.answer()
    async with call.media(rate=8000) as media:
        await media.say(Spoken(GREETING, speaker))
        async for turn in media.turns(end_ms=600, barge_in="immediate"):
            match turn:
                case Interrupted(heard_ms=heard_ms):
                    print(f"interrupted after {heard_ms} ms")
                case SpeechEnded(duration_ms=duration_ms):
                    print(f"{duration_ms} ms: {(keyword := recognise(turn))}")
                    answer = await media.say(Spoken(ANSWERS[keyword], speaker))
                    if keyword == "bye":
                        await answer.wait()
                        return


if __name__ == "__main__":
    asyncio.run(ari.run(on_stop="hangup"))
