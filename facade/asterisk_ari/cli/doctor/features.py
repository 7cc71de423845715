"""Which modules a feature needs. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Feature:
    """A feature of ARI and the modules it needs: one of each group of alternatives."""

    name: str
    what: str
    modules: tuple[tuple[str, ...], ...]

    def missing(self, loaded: set[str]) -> list[str]:
        """Of each group with no module loaded, the first alternative."""
        return [group[0] for group in self.modules if not loaded.intersection(group)]


def _feature(name: str, what: str, *modules: str) -> Feature:
    return Feature(name, what, tuple(tuple(module.split("|")) for module in modules))


NEEDED = (
    _feature("events", "the event WebSocket", "res_http_websocket", "res_ari_events"),
    _feature("apps", "Stasis apps, and Stasis() in the dialplan", "res_stasis", "app_stasis", "res_ari_applications"),
    _feature("channels", "requests about channels", "res_ari_channels"),
    _feature("bridges", "requests about bridges", "res_ari_bridges"),
)
"""No program works without these."""

USUAL = (
    _feature("answer", "answering calls", "res_stasis_answer"),
    _feature("play", "playing media", "res_stasis_playback", "res_ari_playbacks"),
    _feature("record", "recording", "res_stasis_recording", "res_ari_recordings"),
    _feature("snoop", "listening in", "res_stasis_snoop"),
    _feature("device-states", "device states", "res_stasis_device_state", "res_ari_device_states"),
    _feature("endpoints", "requests about endpoints", "res_ari_endpoints"),
    _feature("sounds", "the list of sounds", "res_ari_sounds"),
    _feature("mixing", "bridges of more than two channels", "bridge_softmix"),
    _feature("holding", "holding bridges", "bridge_holding"),
)
"""Most servers have these; without one of them a part of ARI is missing."""

OPTIONAL = (
    _feature("pjsip", "SIP", "chan_pjsip"),
    _feature("websocket-media", "audio streams over WebSocket", "chan_websocket"),
    _feature("audiosocket", "audio streams over AudioSocket", "chan_audiosocket", "res_audiosocket"),
    _feature("rtp-media", "audio streams over RTP", "chan_rtp"),
    _feature("outbound", "outbound WebSockets", "res_websocket_client"),
    _feature("play-url", "playing media by URL", "res_http_media_cache", "res_curl"),
    _feature("opus", "the Opus codec", "codec_opus|codec_opus_open_source"),
    _feature("webrtc", "browser phones", "res_pjsip_transport_websocket", "res_srtp"),
    _feature("broadcast", "StasisBroadcast()", "app_stasis_broadcast", "res_stasis_broadcast"),
    _feature("tone-detect", "tone detection", "res_tonedetect"),
    _feature("mailboxes", "requests about mailboxes", "res_ari_mailboxes"),
)
"""Features some programs need; with `--need NAME` a missing one is a fault."""

ALL = {feature.name: feature for feature in (*NEEDED, *USUAL, *OPTIONAL)}
