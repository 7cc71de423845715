"""Has a callback that fails, and one that goes on."""

import sys

import ari

client = ari.connect(*sys.argv[1:4])
app = sys.argv[4]

failures = []
client.exception_handler = failures.append


def on_start(objects, event):
    objects["channel"].answer()
    raise KeyError("no such customer")


client.on_channel_event("StasisStart", on_start)
client.on_channel_event("StasisStart", lambda objects, event: objects["channel"].hangup())
client.on_channel_event("StasisEnd", lambda channel, event: client.close())
client.run(apps=app)
print("failures", [repr(error) for error in failures])
