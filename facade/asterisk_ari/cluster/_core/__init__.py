"""The decisions of a cluster: subjects, messages, which worker gets which event, where new calls go. Pure."""
