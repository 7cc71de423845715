"""Other clients' interfaces on top of this one, for programs that are to go on as they are.

`asterisk_ari.compat.ari` stands in for ari-py (extra `compat`).
"""
