"""What the configuration files say, where they can be read (`--etc`): with the number of each line. Pure."""

from collections.abc import Iterator

from asterisk_ari.cli.doctor.conf_files import ConfFile, ConfValue
from asterisk_ari.cli.doctor.facts import ServerFacts
from asterisk_ari.cli.doctor.finding import RELOAD_ARI, RELOAD_HTTP, Finding, Level, Remedy

FEW_SESSIONS = 20
SHORT_WRITE_MS = 100
LOOPBACK = ("127.0.0.1", "::1", "localhost")


def check_files(facts: ServerFacts) -> list[Finding]:
    """Settings that explain a fault, or will be one."""
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
        yield Finding("files", Level.FAULT, f"{where}: the HTTP server is off", "there is no ARI without it",
                      _fix(file, "general", "enabled = yes", RELOAD_HTTP))  # fmt: skip
    prefix = file.value("general", "prefix")
    has = f"/{prefix.text.strip('/')}" if prefix and prefix.text.strip("/") else ""
    if has != facts.settings.prefix:
        yield Finding("files", Level.FAULT if facts.error else Level.NOTE,
                      f"{file.name} has the prefix {has or '(none)'}, the address {facts.settings.prefix or '(none)'}",
                      "requests go where no ARI is", Remedy(advice=f"give the address with {has or 'no prefix'}"))  # fmt: skip
    address = file.value("general", "bindaddr")
    if address and address.text in LOOPBACK and facts.settings.host not in LOOPBACK:
        yield Finding("files", Level.FAULT, f"{_line(file, address)}: it listens on loopback only", "other machines are refused",
                      _fix(file, "general", "bindaddr = 0.0.0.0", RELOAD_HTTP))  # fmt: skip
    limit = file.value("general", "sessionlimit")
    if limit and limit.text.isdigit() and int(limit.text) < FEW_SESSIONS:
        yield Finding("files", Level.WARNING, f"{_line(file, limit)}: at most {limit.text} HTTP sessions",
                      "each client takes up to nine, WebSockets included; further ones are closed without an answer",
                      _fix(file, "general", "sessionlimit = 1000", RELOAD_HTTP))  # fmt: skip


def _ari(file: ConfFile, facts: ServerFacts) -> Iterator[Finding]:
    enabled = file.value("general", "enabled")
    if enabled is not None and not enabled.is_true:
        yield Finding("files", Level.FAULT, f"{_line(file, enabled)}: ARI is off", "every request is answered with 404",
                      _fix(file, "general", "enabled = yes", 'asterisk -rx "core restart gracefully"'))  # fmt: skip
    yield from _write_timeout(file)
    origins = file.value("general", "allowed_origins")
    if origins and origins.text == "*":
        yield Finding("files", Level.WARNING, f"{_line(file, origins)}: pages of any origin may ask",
                      "any page that a browser with the password opens can place calls",
                      _fix(file, "general", "allowed_origins = https://YOUR-PAGE", RELOAD_ARI))  # fmt: skip
    yield from _user(file, facts)


def _write_timeout(file: ConfFile) -> Iterator[Finding]:
    timeout = file.value("general", "websocket_write_timeout")
    if timeout and timeout.text.isdigit() and int(timeout.text) < SHORT_WRITE_MS:
        yield Finding("files", Level.WARNING, f"{_line(file, timeout)}: {timeout.text} ms to take an event",
                      "a client whose machine is busy for that long is disconnected, and loses events",
                      _fix(file, "general", f"websocket_write_timeout = {SHORT_WRITE_MS}", RELOAD_ARI))  # fmt: skip


def _user(file: ConfFile, facts: ServerFacts) -> Iterator[Finding]:
    settings = facts.settings
    user = file.sections.get(settings.username)
    if user is None or "type" not in user or user["type"].text != "user":
        lines = (f"[{settings.username}]", "type = user", "read_only = no", "password = THE-PASSWORD")
        yield Finding("files", Level.FAULT, f"{file.name} has no user {settings.username!r}", "who gives that name is refused",
                      Remedy(file.name, lines, RELOAD_ARI))  # fmt: skip
        return
    password, form = user.get("password"), user.get("password_format")
    if password and (form is None or form.text == "plain") and password.text != settings.password:
        yield Finding("files", Level.FAULT, f"{_line(file, password)}: the password is another one", "requests are refused",
                      Remedy(advice="give the one of the file: ARI_PASSWORD, --password-file or the profile"))  # fmt: skip
    read_only = user.get("read_only")
    if read_only and read_only.is_true:
        yield Finding("files", Level.WARNING, f"{_line(file, read_only)}: the user may only read", "it cannot place or end calls",
                      _fix(file, settings.username, "read_only = no", RELOAD_ARI))  # fmt: skip


def _asterisk(file: ConfFile, facts: ServerFacts) -> Iterator[Finding]:
    danger = file.value("options", "live_dangerously")
    if danger and danger.is_true:
        yield Finding("files", Level.WARNING, f"{_line(file, danger)}: live_dangerously is on",
                      "who may set variables over ARI or AMI can run programs on the server (SHELL, FILE)",
                      _fix(file, "options", "live_dangerously = no", 'asterisk -rx "core restart gracefully"'))  # fmt: skip
