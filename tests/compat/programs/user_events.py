"""Sends events of its own, which bring what was given with them."""

import sys

import ari

client = ari.connect(*sys.argv[1:4])
app = sys.argv[4]


def on_start(objects, event):
    channel = objects["channel"]
    channel.answer()
    client.events.userEvent(
        eventName="Order", application=app, source="channel:" + channel.id, variables={"variables": {"number": "4711"}}
    )
    client.events.userEvent(eventName="Bare", application=app)


def on_user_event(event):
    userevent = event.get("userevent", {})
    print(event["eventname"], userevent.get("number"), "channel" in event)
    if event["eventname"] == "Bare":
        client.close()


client.on_channel_event("StasisStart", on_start)
client.on_event("ChannelUserevent", on_user_event)
client.run(apps=app)
