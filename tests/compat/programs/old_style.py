"""Written for Asterisk 12, where a StasisStart has one channel."""

import sys

import ari

client = ari.connect(*sys.argv[1:4])
app = sys.argv[4]


def on_start(channel, event):
    print("start", channel, channel.id == event["channel"]["id"])
    channel.answer()
    channel.on_event("StasisEnd", lambda channel, event: client.close())
    channel.hangup()


client.on_channel_event("StasisStart", on_start)
client.run(apps=app)
print("over")
