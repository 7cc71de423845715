"""One module for each resource of the definitions: its handle and its collection."""
