"""The lines of Asterisk's files that an app needs. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class AppAccess:
    """Whom the files are for.

    Args:
        app: the Stasis app.
        user: user of ari.conf.
        password: of that user.
        port: of Asterisk's HTTP server.
        program: address at which Asterisk reaches the program, where it is Asterisk that connects.
    """

    app: str
    user: str
    password: str = field(repr=False)
    port: int
    program: str


def _ari(access: AppAccess) -> dict[str, str]:
    return {
        "http.conf": f"""
[general]
enabled = yes
bindaddr = 127.0.0.1          ; 0.0.0.0 for programs on other machines: then with TLS, below
bindport = {access.port}
;tlsenable = yes
;tlsbindaddr = 0.0.0.0:8089
;tlscertfile = /etc/asterisk/keys/asterisk.pem
""",
        "ari.conf": f"""
[general]
enabled = yes
;allowed_origins = https://example.com   ; of web pages that call ARI themselves

[{access.user}]
type = user
read_only = no
password = {access.password}
""",
        "then": f"""
asterisk -rx "core reload"
export ARI_URL=http://127.0.0.1:{access.port} ARI_USERNAME={access.user} ARI_PASSWORD={access.password} ARI_APP={access.app}
asterisk-ari doctor
""",
    }


def _outbound(access: AppAccess) -> dict[str, str]:
    return {
        "websocket_client.conf": f"""
; since Asterisk 20.15, 21.10 and 22.5, with res_websocket_client.so
[{access.app}]
type = websocket_client
connection_type = persistent   ; per_call_config: one WebSocket for each call
uri = {access.program}/ari
protocols = ari
username = {access.user}
password = {access.password}
connection_timeout = 500
reconnect_interval = 500   ; ms; a persistent one is tried for ever
""",
        "ari.conf": f"""
[{access.app}]
type = outbound_websocket
websocket_client_id = {access.app}
apps = {access.app}
subscribe_all = no
local_ari_user = {access.user}   ; a user of this file; its read_only counts
""",
        "then": """
asterisk -rx "core reload"
asterisk -rx "ari show outbound-websockets"
""",
    }


def _media(access: AppAccess) -> dict[str, str]:
    return {
        "modules.conf": """
[modules]
; audio streams take the first of these that is loaded
load = chan_websocket.so       ; since 20.16, 21.11, 22.6 and 23.0; needs nothing else when the program connects
load = res_audiosocket.so
load = chan_audiosocket.so
load = chan_rtp.so
""",
        "websocket_client.conf": f"""
; only for connect="from_asterisk": Asterisk connects to ari.media_server(…, websocket_client="{access.app}-media")
[{access.app}-media]
type = websocket_client
connection_type = per_call_config
uri = {access.program}/media
protocols = media
""",
        "then": """
asterisk -rx "core restart gracefully"
asterisk-ari media-test
""",
    }


def _browser(access: AppAccess) -> str:
    return f"""
[wss]
type = transport
protocol = wss
bind = 0.0.0.0

[browser]
type = endpoint
webrtc = yes                   ; DTLS, ICE, rtcp-mux and AVPF
dtls_auto_generate_cert = yes
context = from-{access.app}
disallow = all
allow = opus,ulaw
auth = browser
aors = browser

[browser]
type = auth
auth_type = userpass
username = browser
password = {access.password}

[browser]
type = aor
max_contacts = 5
remove_existing = yes
"""


def _webrtc(access: AppAccess) -> dict[str, str]:
    return {
        "http.conf": """
[general]
enabled = yes
tlsenable = yes
tlsbindaddr = 0.0.0.0:8089     ; browsers connect to wss://HOST:8089/ws
tlscertfile = /etc/asterisk/keys/asterisk.pem
tlsprivatekey = /etc/asterisk/keys/asterisk.key
""",
        "pjsip.conf": _browser(access),
        "modules.conf": """
[modules]
load = res_pjsip_transport_websocket.so
load = res_http_websocket.so
load = res_srtp.so
load = codec_opus_open_source.so   ; or codec_opus.so
""",
        "then": f"""
asterisk -rx "core restart gracefully"
asterisk-ari doctor --need webrtc --need opus
asterisk-ari config dialplan --app {access.app}
""",
    }


def _dialplan(access: AppAccess) -> dict[str, str]:
    return {
        "extensions.conf": f"""
[from-{access.app}]
exten => _X!,1,NoOp(for {access.app})
 same => n,Stasis({access.app},${{EXTEN}})
 ; here a call is that the app has left, or that it did not take: no program is connected
 same => n,GotoIf($["${{STASISSTATUS}}" = "FAILED"]?failed)
 same => n,Hangup()
 same => n(failed),Playback(vm-nobodyavail)
 same => n,Hangup()
""",
        "pjsip.conf": f"""
; of each endpoint whose calls the app gets
context = from-{access.app}
""",
        "then": """
asterisk -rx "dialplan reload"
asterisk -rx "module reload res_pjsip.so"
""",
    }


CONFIGURATIONS: Mapping[str, tuple[str, Callable[[AppAccess], dict[str, str]]]] = {
    "ari": ("ARI switched on, with a user", _ari),
    "outbound": ("Asterisk connects to the program", _outbound),
    "media": ("audio streams", _media),
    "webrtc": ("phones in browsers", _webrtc),
    "dialplan": ("calls for the app", _dialplan),
}
"""What there are files for, and how each begins."""


def configuration(kind: str, access: AppAccess) -> str:
    """The text of all files of a kind, each under its name."""
    title, files = CONFIGURATIONS[kind]
    parts = [f"; {title}: app {access.app}"]
    for name, text in files(access).items():
        head = "; then:" if name == "then" else f"; /etc/asterisk/{name}"
        lines = [f";   {line}" for line in text.strip().splitlines()] if name == "then" else [text.strip()]
        parts.append("\n".join([head, *lines]))
    return "\n\n".join(parts)
