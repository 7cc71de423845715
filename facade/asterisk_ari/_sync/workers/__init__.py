# Made from workers/__init__.py by scripts/unasync.py: edit that file.
"""Workers that share calls and take over the calls of dead workers."""
