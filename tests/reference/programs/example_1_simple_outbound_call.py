from asterisk_ari import AsteriskARI

ari = AsteriskARI()
ari.connect()

# Originate call
channel_id = ari.originate_call(
    endpoint="PJSIP/customer@trunk",
    context="outbound-calls",
    extension="s"
)

if channel_id:
    print(f"Call started: {channel_id}")
else:
    print("Call failed")

ari.disconnect()
