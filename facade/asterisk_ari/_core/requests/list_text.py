"""Lists that are one text, as the server takes them apart. Pure."""

import re

# What the server takes for separators, quotes or brackets in there.
LIST_SYNTAX = re.compile(r'[,"\\()\[\]]').search


def split_list(text: str) -> list[str]:
    """The values of a list that is one text, as the server takes it apart: at commas that are not within quotes, (…) or […].

    Quotes are taken away, and backslashes, which make the next character an ordinary one; so are blanks around a value.
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
