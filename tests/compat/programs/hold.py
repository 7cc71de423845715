"""Music, hold, mute and ringing."""

import sys

import ari

client = ari.connect(*sys.argv[1:4])
app = sys.argv[4]


def on_start(objects, event):
    channel = objects["channel"]
    channel.ring()
    channel.ringStop()
    channel.answer()
    for begin, end in (("startMoh", "stopMoh"), ("hold", "unhold"), ("mute", "unmute"), ("startSilence", "stopSilence")):
        print(begin, getattr(channel, begin)(), end, getattr(channel, end)())
    channel.mute(direction="in")
    channel.sendDTMF(dtmf="12", between=50)
    channel.hangup(reason="busy")


client.on_channel_event("StasisStart", on_start)
client.on_channel_event("StasisEnd", lambda channel, event: client.close())
client.run(apps=app)
print("over")
