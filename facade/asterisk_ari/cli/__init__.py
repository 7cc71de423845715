"""The command line, `asterisk-ari`: one module or package for each command, what decides apart from what reads and writes."""
