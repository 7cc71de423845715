"""Records a caller, and deletes what was recorded."""

import sys

import ari

client = ari.connect(*sys.argv[1:4])
app = sys.argv[4]

name = app + "-recording"


def on_start(objects, event):
    channel = objects["channel"]
    channel.answer()
    recording = channel.record(name=name, format="wav", maxDurationSeconds=30, ifExists="overwrite", beep=False)
    print("recording", recording, recording.getLive().json["format"])
    recording.on_event("RecordingFinished", on_finished, channel)
    recording.stop()


def on_finished(recording, event, channel):
    print("finished", recording.id == name)
    stored = client.recordings.getStored(recordingName=name)
    print("stored", type(stored).__name__, stored.json["format"], name in [each.id for each in client.recordings.listStored()])
    stored.deleteStored()
    print("left", name in [each.id for each in client.recordings.listStored()])
    channel.hangup()


client.on_channel_event("StasisStart", on_start)
client.on_event("StasisEnd", lambda event: client.close())
client.run(apps=app)
