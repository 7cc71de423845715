"""Leases in each kind of store, asynchronous."""
