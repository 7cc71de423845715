"""Workers that share calls, and take over those of one that has died."""
