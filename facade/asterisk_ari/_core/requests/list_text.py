"""Lists in a single string, parsed like the server does. Pure."""

import re

# The characters that the server treats as separators, quotes or brackets.
LIST_SYNTAX = re.compile(r'[,"\\()\[\]]').search


def split_list(text: str) -> list[str]:
    """Split a list in a single string like the server does: at commas outside quotes, (…) and […].

    Quotes are removed, as are backslashes, which escape the next character, and whitespace around a value.
    """
    values, value, is_quoted, depth, characters = [], "", False, {"(": 0, "[": 0}, iter(text)
    for character in characters:
        if character == "," and not is_quoted and not any(depth.values()):
            values.append(value.strip())
            value = ""
            continue
        if character in "([":
            depth[character] += 1
        elif character in ")]":
            opening = "(" if character == ")" else "["
            depth[opening] = max(0, depth[opening] - 1)
        elif character == '"':
            is_quoted = not is_quoted
            continue
        value += next(characters, "") if character == "\\" else character
    return [*values, value.strip()]
