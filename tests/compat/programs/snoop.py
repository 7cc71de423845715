"""Listens to a caller by a second channel."""

import sys

import ari

client = ari.connect(*sys.argv[1:4])
app = sys.argv[4]

callers = {}


def on_start(objects, event):
    channel = objects["channel"]
    if event["args"] == ["snooping"]:
        print("snooping", channel.json["name"].startswith("Snoop/"), callers["snoop"].id == channel.id)
        channel.hangup()
        return
    channel.answer()
    callers["first"] = channel
    callers["snoop"] = channel.snoopChannel(app=app, spy="both", appArgs="snooping")


def on_end(channel, event):
    print("end", channel.json["name"].split("/")[0])
    if channel.id == callers["snoop"].id:
        callers["first"].hangup()
    else:
        client.close()


client.on_channel_event("StasisStart", on_start)
client.on_channel_event("StasisEnd", on_end)
client.run(apps=app)
