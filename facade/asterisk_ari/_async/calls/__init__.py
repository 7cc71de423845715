"""Calls as programs: a scope that owns a call."""
