"""The state as plain data: what exists on the server, and what Asterisk shows of it. Imports nothing of its siblings."""
