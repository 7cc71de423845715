"""Calls somebody for each caller, and connects them until one hangs up."""

import sys

import ari
import requests

client = ari.connect(*sys.argv[1:4])
app = sys.argv[4]

pairs = {}


def hang_up(channel):
    try:
        channel.hangup()
    except requests.HTTPError as error:
        if error.response.status_code != 404:
            raise


def on_start(objects, event):
    incoming = objects["channel"]
    if event["args"] == ["dialed"]:
        return
    incoming.answer()
    outgoing = client.channels.originate(endpoint="Local/wait@plain", app=app, appArgs="dialed", timeout=10)
    print("originated", outgoing.json["state"] != "")
    pairs[incoming.id] = outgoing
    incoming.on_event("StasisEnd", lambda *args: hang_up(outgoing))
    outgoing.on_event("StasisStart", on_answered, incoming)
    outgoing.on_event("StasisEnd", on_outgoing_end, incoming)


def on_answered(objects, event, incoming):
    outgoing = objects["channel"]
    bridge = client.bridges.create(type="mixing")
    bridge.addChannel(channel=[incoming.id, outgoing.id])
    outgoing.on_event("StasisEnd", lambda *args: bridge.destroy())
    print("connected", len(bridge.get().json["channels"]))


def on_outgoing_end(outgoing, event, incoming):
    print("over", pairs.pop(incoming.id).id == outgoing.id)
    hang_up(incoming)
    client.close()


client.on_channel_event("StasisStart", on_start)
client.run(apps=[app])
