"""The event WebSocket, and REST over it."""
