"""Workers that share calls: which calls one of them takes. Pure."""
