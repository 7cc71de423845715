"""The state of an Asterisk and its rules: no input or output, no clock, no threads."""
