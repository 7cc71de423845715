"""Sessions: what a server was asked and has told, kept in a file and served again."""
