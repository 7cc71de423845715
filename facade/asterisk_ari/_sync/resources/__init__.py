# Made from resources/__init__.py by scripts/unasync.py: edit that file.
"""One module for each resource of the definitions: its handle and its collection."""
