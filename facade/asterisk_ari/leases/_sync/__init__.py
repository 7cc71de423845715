# Made from _async/__init__.py by scripts/unasync.py: edit that file.
"""Leases in each kind of store, synchronous."""
