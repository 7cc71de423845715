"""Decisions about a gap in the events: back-off, what is subscribed again, what the gap changed, what precedes a close."""
