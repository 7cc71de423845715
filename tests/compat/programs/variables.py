"""Sets and reads variables of a caller, and gives some to whom it calls."""

import sys

import ari
import requests

client = ari.connect(*sys.argv[1:4])
app = sys.argv[4]


def value_of(channel, name):
    """Asterisk may still be setting it: a variable that is not there yet is 404."""
    while True:
        try:
            return channel.getChannelVar(variable=name)["value"]
        except requests.HTTPError as error:
            if error.response.status_code != 404:
                raise
            channel.get()  # which is 404 too once the channel is gone


def on_start(objects, event):
    channel = objects["channel"]
    if event["args"]:
        print("given", [channel.getChannelVar(variable=name)["value"] for name in ("FIRST", "SECOND")], event["args"])
        channel.hangup()
        return
    channel.answer()
    channel.setChannelVar(variable="COLOUR", value="blue, or green")
    print("value", value_of(channel, "COLOUR"))
    channel.setChannelVar(variable="NUMBER", value=0)
    print("zero", value_of(channel, "NUMBER"))
    channel.setChannelVar(variable="CALLERID(name)", value="Ann Example")
    while channel.get().json["caller"]["name"] != "Ann Example":
        pass
    dialled = "Local/wait@plain"
    client.channels.originate(endpoint=dialled, app=app, appArgs="plain", variables={"FIRST": "1", "SECOND": "2"})
    client.channels.originate(
        endpoint=dialled, app=app, appArgs="wrapped", variables={"variables": {"FIRST": "3", "SECOND": "4"}}
    )


ended = []


def on_end(event):
    ended.append(event["channel"]["id"])
    if len(ended) == 2:
        client.close()


client.on_channel_event("StasisStart", on_start)
client.on_event("StasisEnd", on_end)
client.run(apps=app)
