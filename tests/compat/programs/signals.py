"""Runs in a thread of its own, and cleans up when it is told to end."""

import signal
import sys
import threading

import ari

client = ari.connect(*sys.argv[1:4])
app = sys.argv[4]

told = threading.Event()
signal.signal(signal.SIGTERM, lambda *args: told.set())
channels = {}


def on_start(objects, event):
    channel = objects["channel"]
    channel.answer()
    channels[channel.id] = channel
    print("active", len(channels))


client.on_channel_event("StasisStart", on_start)
client.on_channel_event("StasisEnd", lambda channel, event: channels.pop(channel.id, None))
thread = threading.Thread(target=client.run, args=(app,))
thread.start()
told.wait()
for channel in list(channels.values()):
    channel.hangup()
client.close()
thread.join()
print("Application finished")
