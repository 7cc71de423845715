"""What the package costs, beside a raw socket and beside the clients one would use instead: `nox -s bench`."""
