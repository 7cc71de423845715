"""Whether audio reaches a channel: one that receives none records nothing."""

from asterisk_ari.testing.machine.state.channels import ServerBridge, ServerChannel
from asterisk_ari.testing.machine.state.media import ServerPlayback

_APPS_THAT_SEND_AUDIO = {
    "Playback",
    "MusicOnHold",
    "Milliwatt",
    "BackGround",
    "SayDigits",
    "SayNumber",
    "PlayTones",
}
MAX_LOCAL_CHAIN = 8


def receives_audio(channel: ServerChannel, depth: int = 0) -> bool:
    """Whether Asterisk receives audio from a channel."""
    if channel.far_end is not None or channel.always_sends_audio or channel.snoop_target is not None:
        return True
    if channel.technology == "PJSIP":
        return channel.state == "Up"
    other = channel.other_half
    return other is not None and not other.has_ended and depth < MAX_LOCAL_CHAIN and sends_audio(other, depth + 1)


def sends_audio(channel: ServerChannel, depth: int = 0) -> bool:
    """Whether Asterisk sends audio to a channel: something plays on it, or somebody else in its bridge talks."""
    if channel.is_in_dialplan and channel.session is None:
        is_echoed = channel.app_name == "Echo" and depth < MAX_LOCAL_CHAIN and receives_audio(channel, depth + 1)
        return is_echoed or channel.app_name in _APPS_THAT_SEND_AUDIO
    if channel.moh_class is not None or channel.plays_silence or isinstance(channel.media, ServerPlayback):
        return True
    bridge = channel.bridge
    if bridge is None:
        return False
    if bridge.technology == "softmix" or bridge.playback is not None or bridge.moh_class is not None:
        return True
    return any(receives_audio(other, depth) for other in bridge.channels if other is not channel)


def is_audible(bridge: ServerBridge) -> bool:
    """Whether a recorder in a bridge gets any audio, be it silence: of the mixer of three, an announcer or a participant."""
    if bridge.playback_announcer or bridge.moh_class is not None or bridge.technology == "softmix":
        return True
    heard = [one for one in bridge.channels if bridge.kind != "holding" or one.role == "announcer"]
    return any(receives_audio(channel) for channel in heard)
