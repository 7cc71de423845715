"""Sounds: the English core set and those of the test."""

from asterisk_ari.testing.machine.media.sounds import core_sounds
from asterisk_ari.testing.machine.state.machine import Machine
from asterisk_ari.testing.operations.parameters import Parameters
from asterisk_ari.testing.operations.registry import operation
from asterisk_ari.testing.operations.reply import Reply, error_reply

FORMATS = ("gsm", "slin")
LANGUAGE = "en"


def _sound(name: str, formats: tuple[str, ...]) -> dict[str, object]:
    return {"id": name, "formats": [{"language": LANGUAGE, "format": format_} for format_ in formats]}


@operation("sounds.list")
def list_(machine: Machine, params: Parameters) -> Reply:
    """List all sounds, or those in a language or format."""
    language, format_ = params.text("lang"), params.text("format")
    formats = tuple(known for known in FORMATS if not format_ or known == format_)
    if (language and language != LANGUAGE) or not formats:
        return error_reply(404, "No sounds found that matched the query")
    return Reply(200, [_sound(name, formats) for name in (*core_sounds(), *machine.sounds)])


@operation("sounds.get")
def get(machine: Machine, params: Parameters) -> Reply:
    """Return one sound."""
    name = params.values["soundId"]
    if name not in core_sounds() and name not in machine.sounds:
        return error_reply(404, "Sound not found")
    return Reply(200, _sound(name, FORMATS))
