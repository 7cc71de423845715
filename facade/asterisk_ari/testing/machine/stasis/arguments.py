"""Argument lists of dialplan applications and of ARI's list parameters."""


def split_arguments(text: str) -> list[str]:
    """Split at commas, but for those inside brackets or quotes; quotes and backslashes are dropped.

    Round and square brackets are counted apart, those within quotes too.
    """
    if not text:
        return []
    values, word = [], ""
    open_brackets = {"(": 0, "[": 0}
    quoted, escaped = False, False
    for character in text:
        if escaped:
            word, escaped = word + character, False
        elif character == "\\":
            escaped = True
        elif character == '"':
            quoted = not quoted
        elif character == "," and not any(open_brackets.values()) and not quoted:
            values.append(word)
            word = ""
        else:
            if character in "([":
                open_brackets[character] += 1
            elif character in ")]":
                opening = "(" if character == ")" else "["
                open_brackets[opening] = max(0, open_brackets[opening] - 1)
            word += character
    return [*values, word]
