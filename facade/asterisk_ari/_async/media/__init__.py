"""Audio to and from a call: `MediaStream` and its leg."""
