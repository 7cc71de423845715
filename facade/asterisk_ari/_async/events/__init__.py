"""Events: read, reconnected, dispatched to handlers, waited for."""
