"""Goes wrong in every way that programs prepare for."""

import sys

import ari
import requests

client = ari.connect(*sys.argv[1:4])
app = sys.argv[4]


def attempt(name, function, *args, **kwargs):
    try:
        function(*args, **kwargs)
    except requests.exceptions.HTTPError as error:
        print(name, error.response.status_code, bool(error.response.json()))
    except (AttributeError, TypeError, ValueError, RuntimeError) as error:
        print(name, type(error).__name__)


attempt("gone", client.channels.get, channelId="nobody")
attempt("no bridge", client.bridges.destroy, bridgeId="nothing")
attempt("no endpoint", client.channels.originate, endpoint="Nothing/here", app=app)
attempt("neither", client.channels.originate, endpoint="Local/wait@plain")
attempt("no app", client.applications.get, applicationName=app + "-not")
attempt("unknown", client.channels.list, everything=True)
attempt("missing", client.channels.get)
attempt("no method", lambda: client.channels.teleport())
attempt("no resource", lambda: client.trunks)
attempt("no event", client.on_channel_event, "Teleported", print)
attempt("no field", client.on_bridge_event, "StasisStart", print)
try:
    ari.connect(sys.argv[1], sys.argv[2], "wrong")
except requests.HTTPError as error:
    print("password", error.response.status_code)
try:
    ari.connect("http://127.0.0.1:1/", "user", "password")
except requests.exceptions.ConnectionError:
    print("nobody there")
client.close()
