"""`asterisk-ari ladder` and `record`: the events of a server kept in a file, and the sequence of a call as a diagram."""
