"""The state of one Asterisk, and what changes it. Nothing here reads a socket or a clock."""
