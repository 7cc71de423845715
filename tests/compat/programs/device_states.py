"""A lamp that shows whether anybody is there."""

import sys

import ari

client = ari.connect(*sys.argv[1:4])
app = sys.argv[4]

lamp = "Stasis:" + app


def on_start(objects, event):
    channel = objects["channel"]
    client.applications.subscribe(applicationName=app, eventSource="deviceState:" + lamp)
    channel.on_event("StasisEnd", lambda channel, event: client.deviceStates.update(deviceName=lamp, deviceState="NOT_INUSE"))
    channel.answer()
    client.deviceStates.update(deviceName=lamp, deviceState="BUSY")


def on_changed(device, event):
    state = device.json["state"]
    if state == "UNKNOWN":  # it was deleted, and the client is being closed
        return
    print("changed", device.id == lamp, state)
    if state == "BUSY":
        print("now", client.deviceStates.get(deviceName=lamp).json["state"])
    else:
        device.delete()
        client.close()


client.on_channel_event("StasisStart", on_start)
client.on_device_state_event("DeviceStateChanged", on_changed)
client.run(apps=app)
