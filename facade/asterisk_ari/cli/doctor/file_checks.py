"""Faults in the configuration files, where they can be read (`--etc`), with line numbers. Pure."""

from collections.abc import Iterator

from asterisk_ari.cli.doctor.conf_files import ConfFile, ConfValue
from asterisk_ari.cli.doctor.facts import ServerFacts
from asterisk_ari.cli.doctor.finding import RELOAD_ARI, RELOAD_HTTP, Finding, Level, Remedy

FEW_SESSIONS = 20
SHORT_WRITE_MS = 100
LOOPBACK = ("127.0.0.1", "::1", "localhost")


def check_files(facts: ServerFacts) -> list[Finding]:
    """Settings that explain a fault or will cause one."""
    checks = {"http.conf": _http, "ari.conf": _ari, "asterisk.conf": _asterisk}
    found = [finding for name, check in checks.items() if name in facts.files for finding in check(facts.files[name], facts)]
    if facts.files and not found:
        return [Finding("files", Level.OK, f"nothing wrong in {', '.join(facts.files)}")]
    return found


def _line(file: ConfFile, value: ConfValue) -> str:
    return f"{file.name} line {value.line}"


def _fix(file: ConfFile, section: str, line: str, then: str) -> Remedy:
    return Remedy(file.name, (f"[{section}]", line), then)


def _http(file: ConfFile, facts: ServerFacts) -> Iterator[Finding]:
    enabled = file.value("general", "enabled")
    if enabled is None or not enabled.is_true:
        where = _line(file, enabled) if enabled else file.name
        yield Finding(
            "files",
            Level.FAULT,
            f"{where}: the HTTP server is off",
            "ARI needs it",
            _fix(file, "general", "enabled = yes", RELOAD_HTTP),
        )
    prefix = file.value("general", "prefix")
    has = f"/{prefix.text.strip('/')}" if prefix and prefix.text.strip("/") else ""
    if has != facts.settings.prefix:
        yield Finding(
            "files",
            Level.FAULT if facts.error else Level.NOTE,
            f"the prefix in {file.name} is {has or '(none)'}, the one in the address {facts.settings.prefix or '(none)'}",
            "requests go to a path that ARI does not serve",
            Remedy(advice=f"use the address with {has or 'no prefix'}"),
        )
    address = file.value("general", "bindaddr")
    if address and address.text in LOOPBACK and facts.settings.host not in LOOPBACK:
        yield Finding(
            "files",
            Level.FAULT,
            f"{_line(file, address)}: the HTTP server listens on loopback only",
            "other machines are refused",
            _fix(file, "general", "bindaddr = 0.0.0.0", RELOAD_HTTP),
        )
    limit = file.value("general", "sessionlimit")
    if limit and limit.text.isdigit() and int(limit.text) < FEW_SESSIONS:
        yield Finding(
            "files",
            Level.WARNING,
            f"{_line(file, limit)}: at most {limit.text} HTTP sessions",
            "each client uses up to nine, WebSockets included; connections beyond the limit are closed without a response",
            _fix(file, "general", "sessionlimit = 1000", RELOAD_HTTP),
        )


def _ari(file: ConfFile, facts: ServerFacts) -> Iterator[Finding]:
    enabled = file.value("general", "enabled")
    if enabled is not None and not enabled.is_true:
        yield Finding(
            "files",
            Level.FAULT,
            f"{_line(file, enabled)}: ARI is off",
            "every request is answered with 404",
            _fix(file, "general", "enabled = yes", 'asterisk -rx "core restart gracefully"'),
        )
    yield from _write_timeout(file)
    origins = file.value("general", "allowed_origins")
    if origins and origins.text == "*":
        yield Finding(
            "files",
            Level.WARNING,
            f"{_line(file, origins)}: web pages of any origin are allowed",
            "any page opened in a browser that knows the password can place calls",
            _fix(file, "general", "allowed_origins = https://YOUR-PAGE", RELOAD_ARI),
        )
    yield from _user(file, facts)


def _write_timeout(file: ConfFile) -> Iterator[Finding]:
    timeout = file.value("general", "websocket_write_timeout")
    if timeout and timeout.text.isdigit() and int(timeout.text) < SHORT_WRITE_MS:
        yield Finding(
            "files",
            Level.WARNING,
            f"{_line(file, timeout)}: a client has only {timeout.text} ms to take an event",
            "a client that is busy for longer is disconnected and loses events",
            _fix(file, "general", f"websocket_write_timeout = {SHORT_WRITE_MS}", RELOAD_ARI),
        )


def _user(file: ConfFile, facts: ServerFacts) -> Iterator[Finding]:
    settings = facts.settings
    user = file.sections.get(settings.username)
    if user is None or "type" not in user or user["type"].text != "user":
        lines = (f"[{settings.username}]", "type = user", "read_only = no", "password = THE-PASSWORD")
        yield Finding(
            "files",
            Level.FAULT,
            f"{file.name} has no user {settings.username!r}",
            "requests with that name are refused",
            Remedy(file.name, lines, RELOAD_ARI),
        )
        return
    password, form = user.get("password"), user.get("password_format")
    if password and (form is None or form.text == "plain") and password.text != settings.password:
        yield Finding(
            "files",
            Level.FAULT,
            f"{_line(file, password)}: the password is different from yours",
            "requests are refused",
            Remedy(advice="use the password of the file: ARI_PASSWORD, --password-file or the profile"),
        )
    read_only = user.get("read_only")
    if read_only and read_only.is_true:
        yield Finding(
            "files",
            Level.WARNING,
            f"{_line(file, read_only)}: the user is read-only",
            "it cannot place, answer or end calls",
            _fix(file, settings.username, "read_only = no", RELOAD_ARI),
        )


def _asterisk(file: ConfFile, facts: ServerFacts) -> Iterator[Finding]:
    danger = file.value("options", "live_dangerously")
    if danger and danger.is_true:
        yield Finding(
            "files",
            Level.WARNING,
            f"{_line(file, danger)}: live_dangerously is on",
            "anyone who may set variables over ARI or AMI can run programs on the server (SHELL, FILE)",
            _fix(file, "options", "live_dangerously = no", 'asterisk -rx "core restart gracefully"'),
        )
