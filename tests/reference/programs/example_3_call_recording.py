from asterisk_ari import AsteriskARI
import time

ari = AsteriskARI()
ari.connect()

# Originate call
channel_id = ari.originate_call(
    endpoint="PJSIP/customer@trunk",
    context="outbound-calls",
    extension="s"
)

if channel_id:
    ari.answer_channel(channel_id)
    
    # Play greeting
    ari.play_media("sound:custom/greeting", channel_id)
    time.sleep(3)
    
    # Start recording
    recording_name = ari.record_channel(
        name=f"call_{channel_id}",
        format="wav",
        max_duration_seconds=600,
        channel_id=channel_id
    )
    
    print(f"Recording: {recording_name}")
    
    # Let call proceed
    time.sleep(60)
    
    # End call
    ari.hangup_channel(channel_id)
    
    # Get recording info
    info = ari.get_recording(recording_name)
    print(f"Recording saved: {info}")

ari.disconnect()
