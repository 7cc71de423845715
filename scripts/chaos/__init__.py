"""Calls on several Asterisks, workers that are killed again and again, and a judge of its own: what became of each call."""
