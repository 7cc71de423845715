"""Sends a caller on into the dialplan, and hears of it still."""

import sys

import ari

client = ari.connect(*sys.argv[1:4])
app = sys.argv[4]


def on_start(objects, event):
    channel = objects["channel"]
    channel.answer()
    client.applications.subscribe(applicationName=app, eventSource="channel:" + channel.id)
    channel.on_event("StasisEnd", on_end)
    channel.on_event("ChannelDestroyed", on_destroyed)
    channel.continueInDialplan(context="plain", extension="wait", priority=1)


def on_end(channel, event):
    print("left the app")
    print("lives", channel.get().json["state"])
    client.channels.hangup(channelId=channel.id)


def on_destroyed(channel, event):
    print("destroyed", event["cause"] >= 0, channel.id in [each.id for each in client.channels.list()])
    client.close()


client.on_channel_event("StasisStart", on_start)
client.run(apps=app)
