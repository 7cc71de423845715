"""A menu of states: says its prompts until a digit interrupts them."""

import sys

import ari
import requests

client = ari.connect(*sys.argv[1:4])
app = sys.argv[4]


class State:
    def __init__(self, call):
        self.call = call

    def enter(self):
        self.registrations = [
            self.call.channel.on_event("ChannelDtmfReceived", self.on_digit),
            self.call.channel.on_event("StasisEnd", self.on_end),
        ]
        self.playback = self.call.channel.play(media=self.media)

    def leave(self):
        for registration in self.registrations:
            registration.close()

    def on_end(self, channel, event):
        self.leave()
        print("hung up in", type(self).__name__)
        client.close()


class Greeting(State):
    media = "sound:hello-world,sound:hello-world"

    def on_digit(self, channel, event):
        print("interrupted by", event["digit"])
        self.leave()
        try:
            self.playback.stop()
        except requests.HTTPError as error:
            if error.response.status_code != 404:  # it may have ended just now
                raise
        self.call.to(Reading)


class Reading(State):
    media = "digits:1"

    def __init__(self, call):
        super().__init__(call)
        self.digits = []

    def on_digit(self, channel, event):
        self.digits.append(event["digit"])
        if event["digit"] == "#":
            print("read", "".join(self.digits))
            self.call.channel.hangup()


class Call:
    def __init__(self, channel):
        self.channel = channel
        self.to(Greeting)
        channel.answer()

    def to(self, state):
        self.state = state(self)
        self.state.enter()


client.on_channel_event("StasisStart", lambda objects, event: Call(objects["channel"]))
client.run(apps=app)
