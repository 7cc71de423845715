"""What the build of the wheel makes: the documentation as plain text, for `python -m asterisk_ari.docs`."""

import importlib.util
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class PlainText(BuildHookInterface):  # type: ignore[type-arg]
    """Puts `llms.txt` and `llms-full.txt` beside `AGENTS.md`."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """A checkout that is installed for editing reads its own pages."""
        if version == "editable":
            return
        root = Path(self.root)
        spec = importlib.util.spec_from_file_location("llms", root / "scripts/docs_site/llms.py")
        if spec is None or spec.loader is None:
            raise FileNotFoundError(root / "scripts/docs_site/llms.py")
        llms = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(llms)
        folder = Path(tempfile.mkdtemp())
        for name, text in llms.texts(root).items():
            (folder / name).write_text(text, encoding="utf-8")
            build_data["force_include"][str(folder / name)] = f"asterisk_ari/docs/{name}"
