"""What stops a regeneration: one line that names the cause and the remedy."""


class RegenerateError(Exception):
    """The regeneration cannot go on; the checkout is as it was before."""
