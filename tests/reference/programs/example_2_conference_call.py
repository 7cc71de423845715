from asterisk_ari import AsteriskARI
import time

ari = AsteriskARI()
ari.connect()

# Create conference bridge
bridge_id = ari.create_bridge("mixing")

# Originate calls to participants
participants = ["PJSIP/user1", "PJSIP/user2", "PJSIP/user3"]
channel_ids = []

for endpoint in participants:
    ch_id = ari.originate_call(endpoint=endpoint, context="conference")
    if ch_id:
        ari.answer_channel(ch_id)
        ari.add_channel_to_bridge(ch_id, bridge_id)
        channel_ids.append(ch_id)

print(f"Conference started with {len(channel_ids)} participants")

# Let conference run for 5 minutes
time.sleep(300)

# End conference
for ch_id in channel_ids:
    ari.remove_channel_from_bridge(ch_id, bridge_id)
    ari.hangup_channel(ch_id)

ari.destroy_bridge(bridge_id)
ari.disconnect()
