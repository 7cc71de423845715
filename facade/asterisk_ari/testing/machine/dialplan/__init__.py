"""The dialplan is executed: the interpreter, and what each application does."""
