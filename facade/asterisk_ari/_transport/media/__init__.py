"""Sockets of audio streams, and the engine between them and a `MediaStream`."""
