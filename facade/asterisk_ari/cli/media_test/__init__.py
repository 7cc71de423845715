"""`asterisk-ari media-test`: how audio comes and goes, each way that the server has."""
