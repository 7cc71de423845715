"""Answers, plays a sound, and hangs up when it has ended."""

import sys

import ari

client = ari.connect(*sys.argv[1:4])
app = sys.argv[4]


def on_start(objects, event):
    channel = objects["channel"]
    print("start", event["args"], channel.json["name"].split("/")[0])
    channel.answer()
    playback = channel.play(media="sound:hello-world")
    playback.on_event("PlaybackFinished", on_finished, channel)


def on_finished(playback, event, channel):
    print("finished", playback.json["media_uri"], event["playback"]["state"])
    channel.hangup()


def on_end(channel, event):
    print("end", type(channel).__name__)
    client.close()


client.on_channel_event("StasisStart", on_start)
client.on_channel_event("StasisEnd", on_end)
client.run(apps=app)
print("over")
