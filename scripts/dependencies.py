"""Lists the dependencies of a package in the current environment: every distribution, its version and its licence.

`python -m scripts.dependencies asterisk-ari` prints them, including transitive ones and those of installed extras.
"""

import re
import sys
from importlib.metadata import Distribution, PackageNotFoundError, distribution

NAME = re.compile(r"[\w.-]+")


def needed(name: str) -> dict[str, Distribution]:
    """Return the dependencies by lower-case name; those not installed are omitted."""
    found: dict[str, Distribution] = {}
    open_names = [name]
    while open_names:
        one = normal(open_names.pop())
        if one in found:
            continue
        try:
            found[one] = distribution(one)
        except PackageNotFoundError:
            continue
        # Extras are the asked one's own: those of others are for whoever asks for them.
        wanted = [text for text in found[one].requires or () if one == normal(name) or "extra ==" not in text]
        requirements = map(NAME.match, wanted)
        open_names += [text[0] for text in requirements if text]
    return found


def normal(name: str) -> str:
    """Normalize a name as the registry does."""
    return re.sub(r"[-_.]+", "-", name).lower()


def licence(one: Distribution) -> str:
    """Return the licence from its field, or else from the classifiers."""
    said = next((text for field in ("License-Expression", "License") for text in one.metadata.get_all(field) or () if text), "")
    classified = [
        text.rpartition(" :: ")[2] for text in one.metadata.get_all("Classifier") or () if text.startswith("License ::")
    ]
    return (said if 0 < len(said) < 60 and "\n" not in said else ", ".join(classified)) or "not said"


def main(arguments: list[str]) -> int:
    """Print a line for each."""
    for name, one in sorted(needed(arguments[0]).items()):
        print(f"{name}=={one.version}\t{licence(one)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
