# Made from events/__init__.py by scripts/unasync.py: edit that file.
"""Events: read, reconnected, dispatched to handlers, waited for."""
