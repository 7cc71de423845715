"""Connections to lease stores, in both variants."""
