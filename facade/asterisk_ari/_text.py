"""Text of others, as people and terminals may see it. Pure."""


def printable(text: str) -> str:
    """The text with whatever is no visible character escaped: line breaks, terminal sequences, marks that turn text around."""
    if text.isprintable():
        return text
    return "".join(one if one.isprintable() else one.encode("unicode_escape").decode("ascii") for one in text)
