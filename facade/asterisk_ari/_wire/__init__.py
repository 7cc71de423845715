"""The only places that touch sockets, threads and the event loop."""
