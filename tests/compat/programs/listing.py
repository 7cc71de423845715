"""Asks what there is, without any event."""

import sys

import ari

client = ari.connect(*sys.argv[1:4])
app = sys.argv[4]

print(sorted(client.repositories)[:3])
print("channels", type(client.channels.list()).__name__)
print("version", client.asterisk.getInfo(only="system")["system"]["version"] != "")
print("bridges", [bridge for bridge in client.bridges.list() if bridge.json["name"] == app])
print("endpoint", client.endpoints.get(tech="PJSIP", resource="uas"))
print("endpoints", "PJSIP/uas" in [endpoint.id for endpoint in client.endpoints.listByTech(tech="PJSIP")])
print("sounds", "hello-world" in [sound["id"] for sound in client.sounds.list()])
print("apps", app in [each["name"] for each in client.applications.list()])
print(
    "global",
    client.asterisk.setGlobalVar(variable="FROM_ARI_PY", value=app),
    client.asterisk.getGlobalVar(variable="FROM_ARI_PY") == {"value": app},
)
print(client.get_repo("sounds"), client.get_repo("nothing"))
client.close()
