"""What the site does with docstrings before they become pages."""

import re
from typing import Any

import griffe

EXAMPLE = re.compile(r"^Example:$", re.MULTILINE)


class Examples(griffe.Extension):
    """`Example:` is what our docstrings say; as `Examples:` its lines are shown as code."""

    def on_object(self, *, obj: griffe.Object, **others: Any) -> None:
        """Called for each object with its docstring."""
        del others
        if obj.docstring is not None:
            obj.docstring.value = EXAMPLE.sub("Examples:", obj.docstring.value)
