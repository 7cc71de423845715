"""Whether audio flows both ways, which codecs are there, and the WebSockets that Asterisk opens itself. Pure."""

from collections.abc import Iterator

from asterisk_ari.cli.doctor.conf_files import ConfFile
from asterisk_ari.cli.doctor.facts import ServerFacts
from asterisk_ari.cli.doctor.finding import RELOAD_ARI, Finding, Level, Remedy

CLIENT_FILE = "websocket_client.conf"
NOT_CODECS = ("codec_resample",)
SLOW_MS = 400.0


def check_media(facts: ServerFacts) -> list[Finding]:
    """The echo over each media transport; nothing where it was not requested."""
    findings = []
    for one in facts.media:
        if one.problem.startswith("not here"):
            continue  # check_modules reports it
        if one.problem:
            why = "media streams over this transport stay silent"
            then = "asterisk-ari media-test"
            advice = "AudioSocket and RTP need a route from Asterisk back to this machine: check for a firewall or NAT"
            findings.append(Finding("media", Level.FAULT, f"{one.via}: {one.problem}", why, Remedy(then=then, advice=advice)))
        elif (one.round_trip_ms or 0) > SLOW_MS:
            why = "callers notice a delay this long: the server or the network is overloaded"
            what = f"{one.via}: audio comes back after {one.round_trip_ms:.0f} ms"
            findings.append(Finding("media", Level.WARNING, what, why, Remedy(then="asterisk-ari media-test")))
        else:
            findings.append(Finding("media", Level.OK, f"{one.via}: audio comes back after {one.round_trip_ms:.0f} ms"))
    return findings


def check_codecs(facts: ServerFacts) -> list[Finding]:
    """Which codecs the server can convert."""
    if facts.modules is None:
        return []
    running = {name.removesuffix(".so") for name, status in facts.modules.items() if status == "Running"}
    codecs = sorted(name.removeprefix("codec_") for name in running if name.startswith("codec_") and name not in NOT_CODECS)
    if "ulaw" not in codecs and "alaw" not in codecs:
        why = "phones send G.711, sounds and mixing bridges use linear PCM: without the converter calls are silent or refused"
        remedy = Remedy(
            "modules.conf", ("[modules]", "load = codec_ulaw.so", "load = codec_alaw.so"), "asterisk -rx 'core reload'"
        )
        return [
            Finding("codecs", Level.FAULT, "G.711 cannot be converted: neither codec_ulaw nor codec_alaw is loaded", why, remedy)
        ]
    return [Finding("codecs", Level.OK, f"it can convert {', '.join(codecs)}")]


def check_outbound(facts: ServerFacts) -> list[Finding]:
    """The outbound WebSockets of ari.conf, where the files can be read."""
    ari = facts.files.get("ari.conf")
    if ari is None:
        return []
    names = [name for name, section in ari.sections.items() if "type" in section and section["type"].text == "outbound_websocket"]
    findings = [finding for name in names for finding in _outbound(ari, facts.files.get(CLIENT_FILE), name)]
    if names and facts.modules is not None and facts.modules.get("res_websocket_client.so") != "Running":
        remedy = Remedy("modules.conf", ("[modules]", "load = res_websocket_client.so"), 'asterisk -rx "core restart gracefully"')
        findings.append(
            Finding(
                "outbound", Level.FAULT, "res_websocket_client.so is not loaded", "Asterisk opens no outbound WebSocket", remedy
            )
        )
    if names and not findings:
        return [Finding("outbound", Level.OK, f"outbound WebSockets: {', '.join(names)}")]
    return findings


def _outbound(ari: ConfFile, clients: ConfFile | None, name: str) -> Iterator[Finding]:
    why = "Asterisk does not open this WebSocket, so calls to its apps are refused"
    where = f"{ari.name} [{name}]"

    def fault(what: str, file: str, *lines: str) -> Finding:
        return Finding("outbound", Level.FAULT, f"{where}: {what}", why, Remedy(file, lines, RELOAD_ARI))

    apps, user, client = (ari.value(name, key) for key in ("apps", "local_ari_user", "websocket_client_id"))
    if apps is None or not apps.text:
        yield fault("it lists no apps", ari.name, f"[{name}]", "apps = YOUR-APP")
    kind = ari.value(user.text, "type") if user is not None else None
    if user is None or kind is None or kind.text != "user":
        given = f"there is no user {user.text!r}" if user is not None else "it names no user"
        yield fault(f"{given} for its requests", ari.name, f"[{name}]", "local_ari_user = A-USER-OF-THIS-FILE")
    if client is None:
        yield fault("it names no connection", ari.name, f"[{name}]", f"websocket_client_id = {name}")
    elif clients is not None:
        connection = clients.sections.get(client.text)
        lines = (f"[{client.text}]", "type = websocket_client", "uri = ws://PROGRAM:9000/ari", "protocols = ari")
        if connection is None:
            yield fault(f"{CLIENT_FILE} has no {client.text!r}", CLIENT_FILE, *lines)
        elif "uri" not in connection or not connection["uri"].text.startswith(("ws://", "wss://")):
            yield fault(f"[{client.text}] of {CLIENT_FILE} has no WebSocket address", CLIENT_FILE, *lines)
        elif "protocols" not in connection or "ari" not in connection["protocols"].text.split(","):
            yield fault(f"[{client.text}] of {CLIENT_FILE} is not for ARI", CLIENT_FILE, f"[{client.text}]", "protocols = ari")
