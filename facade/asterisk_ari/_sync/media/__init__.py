# Made from media/__init__.py by scripts/unasync.py: edit that file.
"""Audio to and from a call: `MediaStream` and its leg."""
