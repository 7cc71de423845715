"""Sessions: a server's requests and events, kept in a file and replayed."""
