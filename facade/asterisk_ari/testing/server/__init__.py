"""HTTP and WebSocket around the state: connections, routing, replies."""
