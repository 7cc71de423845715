# Made from _async/__init__.py by scripts/unasync.py: edit that file.
"""The kits of the synchronous client."""
