"""From an operation's name and parameters to a request, and from a response to a result or an error."""
