"""Decisions of call flows: digits, talk detection."""
