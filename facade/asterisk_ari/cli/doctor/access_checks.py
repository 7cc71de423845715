"""Why a server cannot be reached or does not let one in: errors of the first request, with the lines that correct it. Pure."""

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
    """What stands in the way of the first request, or that nothing does."""
    error = facts.error
    if error is None:
        took = f" in {facts.round_trip_ms:.0f} ms" if facts.round_trip_ms is not None else ""
        return [Finding("reach", Level.OK, f"ARI answers{took}"), _check_user(facts)]
    for kind, explain in _EXPLAINED.items():
        if isinstance(error, kind):
            return [explain(facts, error)]
    return [_fault("reach", error, "nothing works before ARI answers", Remedy(advice=error.remedy or ""))]


def _fault(check: str, error: AriError, why: str, remedy: Remedy) -> Finding:
    return Finding(check, Level.FAULT, error.message, why, remedy)


def _address(facts: ServerFacts, scheme: str) -> str:
    settings = facts.settings
    return f"{scheme}://{settings.host}:{settings.port}{settings.prefix}"


def _check_user(facts: ServerFacts) -> Finding:
    name = facts.settings.username
    if facts.may_write is False:
        remedy = Remedy("ari.conf", (f"[{name}]", "type = user", "read_only = no"), RELOAD_ARI)
        why = "it cannot place, answer or end calls; for listening alone it is right"
        return Finding("user", Level.WARNING, f"user {name!r} may only read", why, remedy)
    known = "may read and write" if facts.may_write else "may read; whether it may write is not known"
    return Finding("user", Level.OK, f"user {name!r} {known}")


def _unknown_host(facts: ServerFacts, error: AriError) -> Finding:
    return _fault("reach", error, "there is no such name", Remedy(advice="correct the address (--url, ARI_URL or the profile)"))


def _refused(facts: ServerFacts, error: AriError) -> Finding:
    settings = facts.settings
    lines: tuple[str, ...] = ("[general]", "enabled = yes", "bindaddr = 0.0.0.0", f"bindport = {settings.port}")
    if settings.tls:
        lines = ("[general]", "enabled = yes", "tlsenable = yes", f"tlsbindaddr = 0.0.0.0:{settings.port}",
                 "tlscertfile = /etc/asterisk/keys/asterisk.pem")  # fmt: skip
    why = "nobody listens there: Asterisk is not running, or its HTTP server is off, or listens at another address or port"
    return _fault("reach", error, why, Remedy("http.conf", lines, RELOAD_HTTP))


def _not_sent(facts: ServerFacts, error: AriError) -> Finding:
    advice = "see whether the address is right, and whether a firewall drops the packets"
    if facts.settings.tls:
        advice += f"; or is it the port without TLS? Then the address is {_address(facts, 'http')}"
    return _fault("reach", error, "no connection came about", Remedy(advice=advice))


def _tls(facts: ServerFacts, error: AriError) -> Finding:
    settings = facts.settings
    if "certificate" in error.message.lower():
        advice = "name the certificate that signed it with --ca-file, and use the host name that it was issued for"
        return _fault("tls", error, "whoever answers may be somebody else", Remedy(advice=advice))
    lines = ("[general]", "tlsenable = yes", f"tlsbindaddr = 0.0.0.0:{settings.port}",
             "tlscertfile = /etc/asterisk/keys/asterisk.pem")  # fmt: skip
    advice = f"or is {settings.port} the port without TLS? Then the address is {_address(facts, 'http')}"
    return _fault("tls", error, "what answers there does not speak TLS", Remedy("http.conf", lines, RELOAD_HTTP, advice))


def _unanswered(facts: ServerFacts, error: AriError) -> Finding:
    lines = ("[general]", "sessionlimit = 1000")
    advice = f"or is it the port with TLS? Then the address is {_address(facts, 'https')}"
    why = (
        "the connection was accepted and closed without an answer: Asterisk does so at its limit of HTTP sessions, WebSockets"
        " included (100 by default)"
    )
    return _fault("sessions", error, why, Remedy("http.conf", lines, RELOAD_HTTP, advice))


def _timeout(facts: ServerFacts, error: AriError) -> Finding:
    why = "Asterisk accepts connections and answers none: it hangs, or is overloaded"
    advice = 'see `asterisk -rx "core show threads"` and the load; a deadlock ends with a restart only'
    return _fault("reach", error, why, Remedy(advice=advice))


def _wrong_password(facts: ServerFacts, error: AriError) -> Finding:
    if _is_of_a_proxy(error):
        return _proxy(facts, error)
    name = facts.settings.username
    lines = (f"[{name}]", "type = user", "read_only = no", "password = THE-PASSWORD")
    advice = "or give the right one: ARI_USERNAME and ARI_PASSWORD, or the profile"
    return _fault(
        "user", error, f"user {name!r} is not in ari.conf, or has another password", Remedy("ari.conf", lines, RELOAD_ARI, advice)
    )


def _forbidden(facts: ServerFacts, error: AriError) -> Finding:
    if _is_of_a_proxy(error):
        return _proxy(facts, error)
    name = facts.settings.username
    why = "the user is known, and not allowed from this address"
    return _fault("user", error, why, Remedy("ari.conf", (f"[{name}]", "permit = THIS-MACHINE/32"), RELOAD_ARI))


def _no_ari(facts: ServerFacts, error: AriError) -> Finding:
    settings = facts.settings
    if _is_of_a_proxy(error):
        return _proxy(facts, error)
    if facts.ari_prefix is not None:
        scheme = "https" if settings.tls else "http"
        right = f"{scheme}://{settings.host}:{settings.port}{facts.ari_prefix}"
        lines = ("[general]", f"prefix = {settings.prefix.strip('/')}")
        remedy = Remedy("http.conf", lines, RELOAD_HTTP, f"or give the address {right}")
        return _fault("prefix", error, f"ARI answers at {right}/ari: the prefix is another one", remedy)
    why = "Asterisk's HTTP server answers, and has no ARI: it is off, its modules are not loaded, or http.conf has a prefix"
    then = 'asterisk -rx "module load res_ari.so"'
    return _fault(
        "ari", error, why, Remedy("ari.conf", ("[general]", "enabled = yes"), then, "a prefix belongs into the address")
    )


def _no_info(facts: ServerFacts, error: AriError) -> Finding:
    then = 'asterisk -rx "module load res_ari_asterisk.so"'
    remedy = Remedy("modules.conf", ("[modules]", "load = res_ari_asterisk.so"), then)
    return _fault("modules", error, "ARI is there, and its resource /asterisk is not: the release cannot be known", remedy)


def _booting(facts: ServerFacts, error: AriError) -> Finding:
    why = "modules are still being loaded; requests are refused until then"
    return _fault("ari", error, why, Remedy(then='asterisk -rx "core waitfullybooted"'))


def _answered(facts: ServerFacts, error: AriError) -> Finding:
    if _is_of_a_proxy(error):
        return _proxy(facts, error)
    return _fault("ari", error, "what answers is not ARI as it should be", Remedy(advice=error.remedy or ""))


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
    remedy = Remedy("nginx.conf (or what answers there)", lines, "nginx -s reload", "or give the address of Asterisk itself")
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
"""The first class that fits explains an error."""
