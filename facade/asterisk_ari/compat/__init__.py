"""Interfaces of other clients on top of this one, for programs that should keep running unchanged.

`asterisk_ari.compat.ari` stands in for ari-py (extra `compat`).
"""
