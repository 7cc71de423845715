"""Who sends audio to whom: a channel that gets no frames records nothing."""

from .channel import Channel

_SPEAKING_APPS = {"Playback", "Echo", "MusicOnHold", "Milliwatt", "BackGround", "SayDigits", "SayNumber", "PlayTones"}


def hears_audio(channel: Channel, depth: int = 0) -> bool:
    """Whether frames arrive on a channel."""
    if channel.phone is not None or channel.sends_frames or channel.snooped is not None:
        return True
    if channel.technology == "PJSIP":
        return channel.state == "Up"
    other = channel.other
    return other is not None and not other.gone and depth < 8 and _emits(other, depth + 1)


def _emits(channel: Channel, depth: int) -> bool:
    """Whether frames leave a channel: something plays on it, or a bridge partner speaks."""
    if channel.in_dialplan and channel.session is None:
        return channel.app_name in _SPEAKING_APPS
    if channel.music is not None or channel.silence or (channel.media is not None and channel.media.kind == "playback"):
        return True
    bridge = channel.bridge
    if bridge is None:
        return False
    if bridge.technology == "softmix" or bridge.media is not None or bridge.music is not None:
        return True
    return any(hears_audio(partner, depth) for partner in bridge.channels if partner is not channel)
