"""`asterisk-ari tail`: the events of a server as they come, one line each."""
