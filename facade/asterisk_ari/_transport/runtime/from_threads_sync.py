"""The counterpart of `from_threads_async`: a synchronous client is used in threads as it is."""


class FromThreads:
    """Nothing: there is no event loop."""
