"""Why the server cannot be reached or refuses access: the first request's error, with the lines that cure it. Pure."""

from collections.abc import Callable

from asterisk_ari.cli.doctor.facts import ServerFacts
from asterisk_ari.cli.doctor.finding import RELOAD_ARI, RELOAD_HTTP, Finding, Level, Remedy
from asterisk_ari.errors import (
    AriDisabled,
    AriError,
    AuthenticationFailed,
    ConnectionRefused,
    HostNotFound,
    NotBooted,
    NotFound,
    NotSent,
    OutcomeUnknown,
    PermissionDenied,
    RequestTimeout,
    ResponseError,
    TlsFailed,
)


def check_access(facts: ServerFacts) -> list[Finding]:
    """What made the first request fail, or that it succeeded."""
    error = facts.error
    if error is None:
        took = f" in {facts.round_trip_ms:.0f} ms" if facts.round_trip_ms is not None else ""
        return [Finding("reach", Level.OK, f"ARI answers{took}"), _check_user(facts)]
    for kind, explain in _EXPLAINED.items():
        if isinstance(error, kind):
            return [explain(facts, error)]
    return [_fault("reach", error, "nothing else can be checked until ARI answers", Remedy(advice=error.remedy or ""))]


def _fault(check: str, error: AriError, why: str, remedy: Remedy) -> Finding:
    return Finding(check, Level.FAULT, error.message, why, remedy)


def _address(facts: ServerFacts, scheme: str) -> str:
    settings = facts.settings
    return f"{scheme}://{settings.host}:{settings.port}{settings.prefix}"


def _check_user(facts: ServerFacts) -> Finding:
    name = facts.settings.username
    if facts.may_write is False:
        remedy = Remedy("ari.conf", (f"[{name}]", "type = user", "read_only = no"), RELOAD_ARI)
        why = "it cannot place, answer or end calls; that is fine for a program that only listens"
        return Finding("user", Level.WARNING, f"user {name!r} is read-only", why, remedy)
    known = "can read and write" if facts.may_write else "can read; whether it can write is unknown"
    return Finding("user", Level.OK, f"user {name!r} {known}")


def _unknown_host(facts: ServerFacts, error: AriError) -> Finding:
    return _fault(
        "reach", error, "the host name cannot be resolved", Remedy(advice="correct the address (--url, ARI_URL or the profile)")
    )


def _refused(facts: ServerFacts, error: AriError) -> Finding:
    settings = facts.settings
    lines: tuple[str, ...] = ("[general]", "enabled = yes", "bindaddr = 0.0.0.0", f"bindport = {settings.port}")
    if settings.tls:
        lines = ("[general]", "enabled = yes", "tlsenable = yes", f"tlsbindaddr = 0.0.0.0:{settings.port}",
                 "tlscertfile = /etc/asterisk/keys/asterisk.pem")  # fmt: skip
    why = "nothing listens there: Asterisk is not running, its HTTP server is off, or it listens on another address or port"
    return _fault("reach", error, why, Remedy("http.conf", lines, RELOAD_HTTP))


def _not_sent(facts: ServerFacts, error: AriError) -> Finding:
    advice = "check the address, and whether a firewall drops the packets"
    if facts.settings.tls:
        advice += f"; if this is the port without TLS, the address is {_address(facts, 'http')}"
    return _fault("reach", error, "no connection could be made", Remedy(advice=advice))


def _tls(facts: ServerFacts, error: AriError) -> Finding:
    settings = facts.settings
    if "certificate" in error.message.lower():
        advice = "pass the certificate that signed it with --ca-file, and use the host name it was issued for"
        return _fault("tls", error, "the server's identity cannot be verified", Remedy(advice=advice))
    lines = ("[general]", "tlsenable = yes", f"tlsbindaddr = 0.0.0.0:{settings.port}",
             "tlscertfile = /etc/asterisk/keys/asterisk.pem")  # fmt: skip
    advice = f"if {settings.port} is the port without TLS, the address is {_address(facts, 'http')}"
    return _fault("tls", error, "the server on that port does not speak TLS", Remedy("http.conf", lines, RELOAD_HTTP, advice))


def _unanswered(facts: ServerFacts, error: AriError) -> Finding:
    if "sessionlimit" not in (error.remedy or ""):  # a part of the response arrived
        why = "the response stopped early, has no end or is not HTTP: it is not from Asterisk, or a proxy cuts it off"
        return _fault("response", error, why, Remedy(advice="check the address and the log of the proxy, if there is one"))
    lines = ("[general]", "sessionlimit = 1000")
    advice = f"if this is the TLS port, the address is {_address(facts, 'https')}"
    why = (
        "the connection was accepted and closed without a response: Asterisk does this when it reaches its limit of HTTP"
        " sessions, WebSockets included (100 by default)"
    )
    return _fault("sessions", error, why, Remedy("http.conf", lines, RELOAD_HTTP, advice))


def _timeout(facts: ServerFacts, error: AriError) -> Finding:
    why = "Asterisk accepts connections but does not respond: it hangs or is overloaded"
    advice = 'check `asterisk -rx "core show threads"` and the load; only a restart ends a deadlock'
    return _fault("reach", error, why, Remedy(advice=advice))


def _wrong_password(facts: ServerFacts, error: AriError) -> Finding:
    if _is_of_a_proxy(error):
        return _proxy(facts, error)
    name = facts.settings.username
    lines = (f"[{name}]", "type = user", "read_only = no", "password = THE-PASSWORD")
    advice = "or correct the credentials: ARI_USERNAME and ARI_PASSWORD, or the profile"
    return _fault(
        "user", error, f"user {name!r} is not in ari.conf, or has another password", Remedy("ari.conf", lines, RELOAD_ARI, advice)
    )


def _forbidden(facts: ServerFacts, error: AriError) -> Finding:
    if _is_of_a_proxy(error):
        return _proxy(facts, error)
    name = facts.settings.username
    why = "the user exists but is not permitted from this address"
    return _fault("user", error, why, Remedy("ari.conf", (f"[{name}]", "permit = THIS-MACHINE/32"), RELOAD_ARI))


def _no_ari(facts: ServerFacts, error: AriError) -> Finding:
    settings = facts.settings
    if _is_of_a_proxy(error):
        return _proxy(facts, error)
    if facts.ari_prefix is not None:
        scheme = "https" if settings.tls else "http"
        right = f"{scheme}://{settings.host}:{settings.port}{facts.ari_prefix}"
        lines = ("[general]", f"prefix = {settings.prefix.strip('/')}")
        remedy = Remedy("http.conf", lines, RELOAD_HTTP, f"or use the address {right}")
        return _fault("prefix", error, f"ARI answers at {right}/ari: the prefix is different", remedy)
    why = "Asterisk's HTTP server answers but has no ARI: ARI is off, its modules are not loaded, or http.conf sets a prefix"
    then = 'asterisk -rx "module load res_ari.so"'
    return _fault(
        "ari",
        error,
        why,
        Remedy("ari.conf", ("[general]", "enabled = yes"), then, "if there is a prefix, it must be part of the address"),
    )


def _no_info(facts: ServerFacts, error: AriError) -> Finding:
    then = 'asterisk -rx "module load res_ari_asterisk.so"'
    remedy = Remedy("modules.conf", ("[modules]", "load = res_ari_asterisk.so"), then)
    return _fault("modules", error, "ARI answers but its resource /asterisk is missing: the release is unknown", remedy)


def _booting(facts: ServerFacts, error: AriError) -> Finding:
    why = "modules are still being loaded; requests are refused until that is done"
    return _fault("ari", error, why, Remedy(then='asterisk -rx "core waitfullybooted"'))


def _answered(facts: ServerFacts, error: AriError) -> Finding:
    if _is_of_a_proxy(error):
        return _proxy(facts, error)
    return _fault("ari", error, "the response is not what ARI gives", Remedy(advice=error.remedy or ""))


def _proxy(facts: ServerFacts, error: AriError) -> Finding:
    settings = facts.settings
    lines = (
        "location /ari/ {",
        f"    proxy_pass http://ASTERISK:8088{settings.prefix}/ari/;",
        "    proxy_http_version 1.1;",
        "    proxy_set_header Upgrade $http_upgrade;",
        '    proxy_set_header Connection "upgrade";',
        "    proxy_read_timeout 1h;",
        "}",
    )
    remedy = Remedy(
        "nginx.conf (or the configuration of your proxy)", lines, "nginx -s reload", "or use the address of Asterisk itself"
    )
    return _fault("proxy", error, "a proxy or another web server answers in Asterisk's place", remedy)


def _is_of_a_proxy(error: AriError) -> bool:
    return isinstance(error, ResponseError) and "proxy or another web server" in error.message


_EXPLAINED: dict[type[AriError], Callable[[ServerFacts, AriError], Finding]] = {
    HostNotFound: _unknown_host,
    TlsFailed: _tls,
    ConnectionRefused: _refused,
    NotSent: _not_sent,
    RequestTimeout: _timeout,
    OutcomeUnknown: _unanswered,
    AuthenticationFailed: _wrong_password,
    PermissionDenied: _forbidden,
    AriDisabled: _no_ari,
    NotFound: _no_info,
    NotBooted: _booting,
    ResponseError: _answered,
}
"""The first class an error is an instance of explains it."""
