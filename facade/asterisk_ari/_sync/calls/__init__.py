# Made from calls/__init__.py by scripts/unasync.py: edit that file.
"""Calls as programs: a scope that owns a call."""
