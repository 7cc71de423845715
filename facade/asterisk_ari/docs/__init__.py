"""What comes with the package to be read: `python -m asterisk_ari.docs` prints the rules for programs that use it.

`python -m asterisk_ari.docs > AGENTS.md` puts them into a repository, for those who write code in it and for their tools.
"""
