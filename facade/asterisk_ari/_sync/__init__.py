# Made from _async/__init__.py by scripts/unasync.py: edit that file.
"""The source of both variants; `_sync` is made from it by `scripts/unasync.py`."""
