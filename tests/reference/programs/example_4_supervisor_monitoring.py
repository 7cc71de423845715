from asterisk_ari import AsteriskARI

ari = AsteriskARI()
ari.connect()

# Agent is on a call
agent_channel_id = "existing-agent-channel"

# Create snoop channel for supervisor
snoop_id = ari.snoop_channel(
    channel_id=agent_channel_id,
    spy="both",      # Supervisor can hear both sides
    whisper="in"     # Supervisor can speak to agent only
)

print(f"Supervisor monitoring channel: {snoop_id}")

# Supervisor's channel can now be connected to a phone
supervisor_channel = ari.originate_call(
    endpoint="PJSIP/supervisor@phones",
    context="monitoring"
)

ari.disconnect()
