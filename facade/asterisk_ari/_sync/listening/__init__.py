# Made from listening/__init__.py by scripts/unasync.py: edit that file.
"""Event WebSockets that Asterisk opens: `AriListener` and its sessions."""
