"""Adapters for frameworks of voice agents on a real Asterisk."""

from tests.live.test_media_page import server
from tests.media.framework_checks import test_livekit, test_openai_realtime, test_pipecat

__all__ = ["server", "test_livekit", "test_openai_realtime", "test_pipecat"]
