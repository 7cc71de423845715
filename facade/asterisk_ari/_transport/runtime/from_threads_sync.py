"""The counterpart of `from_threads_async`: a synchronous client can be used in threads directly."""


class FromThreads:
    """Empty: there is no event loop."""
