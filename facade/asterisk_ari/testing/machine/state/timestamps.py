"""Timestamps as Asterisk writes them."""

from functools import lru_cache
from time import gmtime, strftime


@lru_cache(maxsize=64)
def _format_second(epoch_second: int) -> str:
    return strftime("%Y-%m-%dT%H:%M:%S", gmtime(epoch_second))


def format_timestamp(epoch_seconds: float) -> str:
    """`2026-11-23T07:29:35.993+0000`: milliseconds, and no colon in the offset."""
    whole = int(epoch_seconds)
    return f"{_format_second(whole)}.{int((epoch_seconds - whole) * 1000):03d}+0000"
