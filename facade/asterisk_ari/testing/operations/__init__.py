"""One function for each operation of ARI."""
