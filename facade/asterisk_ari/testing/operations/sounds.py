"""Sounds that come with Asterisk."""

from ..machine.core import Machine
from ..machine.media import sounds
from .registry import Parameters, Reply, error, operation

FORMATS = ("gsm", "slin")
LANGUAGE = "en"


def _sound(name: str, formats: tuple[str, ...]) -> dict[str, object]:
    return {"id": name, "formats": [{"language": LANGUAGE, "format": format_} for format_ in formats]}


@operation("sounds.list")
def list_(machine: Machine, p: Parameters) -> Reply:
    """Every sound, or those in a language or format."""
    language, format_ = p.text("lang"), p.text("format")
    formats = tuple(known for known in FORMATS if not format_ or known == format_)
    if (language and language != LANGUAGE) or not formats:
        return error(404, "No sounds found that matched the query")
    return Reply(200, [_sound(name, formats) for name in (*sounds(), *machine.sound_seconds)])


@operation("sounds.get")
def get(machine: Machine, p: Parameters) -> Reply:
    """One sound."""
    name = p.values["soundId"]
    if name not in sounds() and name not in machine.sound_seconds:
        return error(404, "Sound not found")
    return Reply(200, _sound(name, FORMATS))
