"""A sequence as a Mermaid diagram, which GitHub and many wikis draw. Pure."""

from asterisk_ari._core.ladder.sequence import CallSequence

ARROWS = {"request": "->>", "event": "-->>", "refused": "-x"}


def mermaid(sequence: CallSequence) -> list[str]:
    """The lines of the diagram; times are milliseconds."""
    names = {lane.key: f"p{number}" for number, lane in enumerate(sequence.lanes)}
    lines = ["sequenceDiagram", *(f"    participant {names[lane.key]} as {_plain(lane.title)}" for lane in sequence.lanes)]
    for arrow in sequence.arrows:
        source, target, text = names[arrow.source], names[arrow.target], f"{arrow.at_ms} ms: {_plain(arrow.text)}"
        if source == target:
            lines.append(f"    Note over {source}: {text}")
        else:
            lines.append(f"    {source}{ARROWS[arrow.kind]}{target}: {text}")
    return lines


def _plain(text: str) -> str:
    """What Mermaid would read as its own, in its way of writing characters by number."""
    return "".join(f"#{ord(character)};" if character in "#;<>" else character for character in text)
