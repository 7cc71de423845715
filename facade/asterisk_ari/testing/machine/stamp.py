"""Dates as Asterisk writes them."""

from functools import lru_cache
from time import gmtime, strftime


@lru_cache(maxsize=64)
def _seconds(whole: int) -> str:
    return strftime("%Y-%m-%dT%H:%M:%S", gmtime(whole))


def stamp(now: float) -> str:
    """`2026-11-23T07:29:35.993+0000`: milliseconds, and no colon in the offset."""
    whole = int(now)
    return f"{_seconds(whole)}.{int((now - whole) * 1000):03d}+0000"
