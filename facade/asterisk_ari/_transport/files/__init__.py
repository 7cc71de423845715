"""Writing downloads."""
