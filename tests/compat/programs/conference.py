"""Puts all callers into one bridge, and removes it when the last has left."""

import sys

import ari

client = ari.connect(*sys.argv[1:4])
app = sys.argv[4]

bridges = [candidate for candidate in client.bridges.list() if candidate.json["name"] == app]
bridge = bridges[0] if bridges else client.bridges.create(type="mixing", name=app)


def on_start(objects, event):
    channel = objects["channel"]
    channel.answer()
    bridge.addChannel(channel=channel.id)


def on_entered(channel, event):
    print("entered", len(event["bridge"]["channels"]))


def on_left(found, event):
    print("left", found.id == bridge.id, len(event["bridge"]["channels"]))
    if not event["bridge"]["channels"]:
        bridge.destroy()


def on_destroyed(gone, event):
    print("destroyed", gone.id == bridge.id)
    client.close()


client.on_channel_event("StasisStart", on_start)
client.on_channel_event("ChannelEnteredBridge", on_entered)
client.on_bridge_event("ChannelLeftBridge", on_left)
bridge.on_event("BridgeDestroyed", on_destroyed)
client.run(apps=app)
