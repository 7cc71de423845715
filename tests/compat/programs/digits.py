"""Collects digits until #, and says them."""

import sys

import ari

client = ari.connect(*sys.argv[1:4])
app = sys.argv[4]


class Collector:
    def __init__(self, channel):
        self.channel = channel
        self.digits = ""
        self.registration = channel.on_event("ChannelDtmfReceived", self.on_digit)
        channel.answer()

    def on_digit(self, channel, event):
        if event["digit"] != "#":
            self.digits += event["digit"]
            return
        self.registration.close()
        print("digits", self.digits)
        self.channel.hangup()


collectors = {}


def on_start(objects, event):
    channel = objects["channel"]
    collectors[channel.id] = Collector(channel)


def on_end(channel, event):
    print("forgotten", collectors.pop(channel.id).digits)
    client.close()


client.on_channel_event("StasisStart", on_start)
client.on_channel_event("StasisEnd", on_end)
client.run(app)
