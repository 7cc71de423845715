"""A new project, out of the templates beside this module."""

from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from string import Template

from asterisk_ari._core.requests.names import check_apps
from asterisk_ari.errors import BadArgument

SUFFIX = ".template"


def make_project(kind: str, folder: Path, app: str) -> list[Path]:
    """Write the files of a project, and return their paths.

    Args:
        kind: a folder of templates.
        folder: made for it.
        app: its Stasis app.

    Raises:
        BadArgument: the folder is in use or cannot be made, or the name of the app cannot be one.
    """
    check_apps([app])
    templates = files("asterisk_ari.cli.setup") / "projects"
    parts = [one for part in (templates / kind, templates) for one in part.iterdir() if one.name.endswith(SUFFIX)]
    program = next(one.name for one in parts if one.name.endswith(f".py{SUFFIX}") and not one.name.startswith("test_"))
    names = {"app": app, "module": program.removesuffix(f".py{SUFFIX}")}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if next(folder.iterdir(), None) is not None:
            raise BadArgument(f"{folder} is not empty")
        return [_write(one, folder, names) for one in sorted(parts, key=lambda one: one.name)]
    except OSError as error:
        raise BadArgument(f"{folder} cannot be made: {error.strerror}") from None


def _write(template: Traversable, folder: Path, names: dict[str, str]) -> Path:
    path = folder / template.name.removesuffix(SUFFIX)
    path.write_text(Template(template.read_text(encoding="utf-8")).safe_substitute(names), encoding="utf-8")
    return path
