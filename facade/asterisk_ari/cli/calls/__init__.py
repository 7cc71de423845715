"""`asterisk-ari calls`: the channels and bridges of a server, as a table that is kept up to date."""
