"""What happened in calls, in words and as ladders, out of events and requests. Pure."""
