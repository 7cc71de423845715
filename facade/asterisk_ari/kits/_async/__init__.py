"""The kits of the asynchronous client."""
