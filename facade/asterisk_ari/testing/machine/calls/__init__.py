"""Calls: channels are created, dialled, answered, hung up."""
