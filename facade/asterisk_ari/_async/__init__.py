"""The source of both variants; `_sync` is made from it by `scripts/unasync.py`."""
