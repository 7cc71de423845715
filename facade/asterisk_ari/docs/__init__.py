"""What comes with the package to be read, for those who write programs that use it and for their tools.

`python -m asterisk_ari.docs > AGENTS.md` puts the rules for such programs into a repository.
`python -m asterisk_ari.docs llms.txt` prints the list of the documentation's pages, with `llms-full.txt` it prints their text.
"""
