"""What the cluster decides: subjects, messages, who gets which event, where new calls go. Pure."""
