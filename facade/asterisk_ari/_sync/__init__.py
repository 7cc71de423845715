# Made from _async/__init__.py by scripts/unasync.py: edit that file.
"""The source of both colours; `_sync` is made from it by `scripts/unasync.py`."""
