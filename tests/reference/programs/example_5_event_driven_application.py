from asterisk_ari import AsteriskARI
from loguru import logger

def handle_new_call(channel_obj, event):
    """Handle incoming calls"""
    logger.info(f"New call from: {channel_obj.json.get('caller', {}).get('number')}")
    
    # Answer the call
    channel_obj.answer()
    
    # Play welcome message
    channel_obj.play(media="sound:custom/welcome")
    
    # Start recording
    channel_obj.record(
        name=f"call_{channel_obj.id}",
        format="wav",
        maxDurationSeconds=600
    )

def handle_call_end(channel_obj, event):
    """Handle call completion"""
    logger.info(f"Call ended: {channel_obj.id}")
    # Perform cleanup, save records, etc.

# Start ARI application
ari = AsteriskARI()
ari.connect()

logger.info("Starting ARI application...")
ari.start_event_loop(
    on_stasis_start=handle_new_call,
    on_stasis_end=handle_call_end
)
