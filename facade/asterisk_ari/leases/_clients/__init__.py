"""Connections to what keeps leases, in both variants."""
