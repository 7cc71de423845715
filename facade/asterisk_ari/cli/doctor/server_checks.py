"""The state of a server that answers: release, modules, clock, app, endpoints, sounds, origins. Pure."""

from collections.abc import Mapping
from typing import Any

from asterisk_ari.capabilities import Capabilities
from asterisk_ari.cli.doctor.facts import ServerFacts
from asterisk_ari.cli.doctor.features import ALL, NEEDED, OPTIONAL, USUAL, Feature
from asterisk_ari.cli.doctor.finding import RELOAD_ARI, RELOAD_PJSIP, Finding, Level, Remedy
from asterisk_ari.cli.doctor.known_bugs import bugs_of

SKEW_WARNING_SECONDS, SKEW_FAULT_SECONDS = 2.0, 60.0
SHOWN = 6

LATER = (
    ("move", "channels.move", "moving calls between apps"),
    ("websocket-requests", "events.userEvent", "requests over the event WebSocket"),
    ("progress", "channels.progress", "early media on request"),
    ("transfers", "channels.transfer_progress", "transfers handled by the app"),
    ("claims", "events.claimChannel", "calls offered to several apps"),
)


def check_release(facts: ServerFacts) -> list[Finding]:
    """The version, its known bugs, and what it lacks."""
    version = facts.version
    since = str(facts.info.get("status", {}).get("startup_time", ""))[:19].replace("T", " ")
    running = f", running since {since}" if since else ""
    findings = [Finding("release", Level.OK, f"Asterisk {version}{running}")]
    capabilities = Capabilities(version, mode="off")
    if capabilities.release is None:
        why = "its own definitions tell which operations it has"
        findings.append(Finding("release", Level.NOTE, f"{version} is not a final release", why))
    else:
        lacking = [what for _, operation, what in LATER if not capabilities.supports(operation)]
        if lacking:
            findings.append(Finding("release", Level.NOTE, f"it does not support {_joined(lacking, 'or')}", "newer releases do"))
    findings += [
        Finding("known-bug", bug.level, f"{bug.issue}: {bug.effect}", remedy=Remedy(advice=bug.remedy))
        for bug in bugs_of(version, facts.modules)
    ]
    return findings


def check_modules(facts: ServerFacts) -> list[Finding]:
    """Features whose modules are not loaded or not running."""
    if facts.modules is None:
        return [Finding("modules", Level.NOTE, "the list of modules could not be read")]
    loaded = {name.removesuffix(".so") for name, status in facts.modules.items() if status == "Running"}
    needed = [*NEEDED, *(ALL[name] for name in facts.needs)]
    findings = [_lacking(feature, missing, Level.FAULT) for feature in needed if (missing := feature.missing(loaded))]
    usual = [feature for feature in USUAL if feature not in needed]
    findings += [_lacking(feature, missing, Level.WARNING) for feature in usual if (missing := feature.missing(loaded))]
    there = [feature.name for feature in OPTIONAL if not feature.missing(loaded)]
    absent = [feature.name for feature in OPTIONAL if feature.missing(loaded)]
    findings.append(
        Finding(
            "modules", Level.OK, f"{len(facts.modules)} modules, among them those for {_joined(there, 'and') or 'calls alone'}"
        )
    )
    if absent:
        why = "to have one of them checked as required: --need NAME"
        findings.append(Finding("modules", Level.NOTE, f"not loaded: modules for {_joined(absent, 'and')}", why))
    return findings


def _lacking(feature: Feature, missing: list[str], level: Level) -> Finding:
    names = [f"{name}.so" for name in missing]
    lines = ("[modules]", *(f"load = {name}" for name in names))
    then = "; ".join(f'asterisk -rx "module load {name}"' for name in names)
    remedy = Remedy("modules.conf", lines, then, "if the file is missing, install the package that provides it")
    return Finding(
        "modules",
        level,
        f"{_joined(names, 'and')} {'is' if len(names) == 1 else 'are'} not running",
        f"needed for {feature.what}",
        remedy,
    )


def check_clock(facts: ServerFacts) -> list[Finding]:
    """How far the server's clock is ahead of or behind this machine's."""
    ahead = facts.clock_ahead_seconds
    if ahead is None:
        return []
    if abs(ahead) < SKEW_WARNING_SECONDS:
        return [Finding("clock", Level.OK, "the server's clock and this machine's agree")]
    level = Level.FAULT if abs(ahead) >= SKEW_FAULT_SECONDS else Level.WARNING
    amount = f"{abs(ahead):.0f} s" if abs(ahead) < 120 else f"{abs(ahead) / 60:.0f} min"
    what = f"the server's clock is {amount} {'ahead of' if ahead > 0 else 'behind'} this machine's"
    why = "the times of events, CDRs and recordings do not match yours; certificates and tokens may count as expired"
    return [
        Finding("clock", level, what, why, Remedy(then="timedatectl set-ntp true", advice="on the machine whose clock is wrong"))
    ]


def check_app(facts: ServerFacts) -> list[Finding]:
    """Whether a program is connected with the app's name."""
    name = facts.settings.app_name
    if facts.app is None:
        why = f"Stasis({name}) fails until a program connects with that name"
        return [Finding("app", Level.OK, f"app {name!r} is free; {why}")]
    channels, bridges = (len(facts.app.get(key) or ()) for key in ("channel_ids", "bridge_ids"))
    what = f"another program is connected as app {name!r}, with {_counted(channels, 'channel')} and {_counted(bridges, 'bridge')}"
    why = (
        "the next program that connects with that name takes the app over, and this one gets no more events (ApplicationReplaced)"
    )
    return [
        Finding(
            "app", Level.NOTE, what, why, Remedy(advice="if it is not yours, use another app name: --app, app_name= or ARI_APP")
        )
    ]


def check_endpoints(facts: ServerFacts) -> list[Finding]:
    """The requested endpoints, and how many there are."""
    known = {f"{one['technology']}/{one['resource']}": str(one.get("state")) for one in facts.endpoints}
    findings = [_endpoint(name, _state_of(known, name)) for name in facts.wanted_endpoints]
    if known:
        offline = sorted(name for name, state in known.items() if state == "offline")
        shown = _joined(offline[:SHOWN], "and") if len(offline) <= SHOWN else f"{', '.join(offline[:SHOWN])}, …"
        away = f"; {len(offline)} offline: {shown}" if offline else ""
        findings.append(Finding("endpoints", Level.OK, f"{_counted(len(known), 'endpoint')}{away}"))
    return findings


def _state_of(known: Mapping[str, str], name: str) -> str | None:
    return next((state for key, state in known.items() if key.lower() == name.lower()), None)


def _endpoint(name: str, state: str | None) -> Finding:
    tech, _, resource = name.partition("/")
    if state is None:
        lines: tuple[str, ...] = (f"[{resource}]", "type = endpoint", f"aors = {resource}", "disallow = all", "allow = alaw,ulaw",
                 f"[{resource}]", "type = aor", "max_contacts = 1")  # fmt: skip
        remedy = Remedy("pjsip.conf", lines, RELOAD_PJSIP) if tech.upper() == "PJSIP" else Remedy(advice="correct the name")
        return Finding("endpoint", Level.FAULT, f"there is no endpoint {name}", "calls to it fail", remedy)
    if state != "online":
        lines = (f"[{resource}]", "type = aor", "max_contacts = 1", f"; a trunk: contact = sip:{resource}@ITS-ADDRESS")
        why = "no contact answers: the phone has not registered, or the trunk does not answer OPTIONS"
        then = f'asterisk -rx "pjsip show endpoint {resource}"'
        return Finding("endpoint", Level.FAULT, f"endpoint {name} is {state}", why, Remedy("pjsip.conf", lines, then))
    return Finding("endpoint", Level.OK, f"endpoint {name} is online")


def check_sounds(facts: ServerFacts) -> list[Finding]:
    """The requested sounds, and whether any are installed."""
    if facts.sounds is None:
        return []
    there = set(facts.sounds)
    folder = "/var/lib/asterisk/sounds/en"
    findings = []
    for name in facts.wanted_sounds:
        bare = name.removeprefix("sound:")
        if bare in there:
            findings.append(Finding("sound", Level.OK, f"sound {bare} is installed"))
            continue
        remedy = Remedy(f"{folder}/{bare}.wav", advice="8 kHz, 16 bit, mono; Asterisk needs no reload")
        why = "play requests succeed but callers hear nothing"
        findings.append(Finding("sound", Level.FAULT, f"sound {bare} is missing", why, remedy))
    if not there:
        why = "play, say and menu requests succeed but callers hear nothing"
        remedy = Remedy(
            folder, then="apt-get install asterisk-core-sounds-en-gsm", advice="or `make menuselect`, Core Sound Packages"
        )
        findings.append(Finding("sounds", Level.WARNING, "no sounds are installed", why, remedy))
    elif not facts.wanted_sounds:
        findings.append(Finding("sounds", Level.OK, f"{_counted(len(there), 'sound')}"))
    return findings


def check_origins(facts: ServerFacts) -> list[Finding]:
    """Whether web pages of the requested origins may use ARI."""
    findings = []
    for origin, allowed in facts.origins.items():
        if allowed:
            findings.append(Finding("origin", Level.OK, f"pages of {origin} may use ARI"))
            continue
        remedy = Remedy("ari.conf", ("[general]", f"allowed_origins = {origin}"), RELOAD_ARI)
        why = "browsers do not let such a page read ARI's responses"
        findings.append(Finding("origin", Level.FAULT, f"{origin} is not among the allowed origins", why, remedy))
    return findings


def check_limits(facts: ServerFacts) -> list[Finding]:
    """Limits that the server reports."""
    config: Mapping[str, Any] = facts.info.get("config", {})
    if limit := config.get("max_channels"):
        why = "further calls are refused"
        remedy = Remedy("asterisk.conf", ("[options]", "maxcalls = 0"), 'asterisk -rx "core restart gracefully"')
        return [Finding("limits", Level.NOTE, f"at most {limit} channels at a time", why, remedy)]
    return []


def _joined(names: list[str], word: str) -> str:
    return f" {word} ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
