"""The errors of lease stores, without passwords."""

from collections.abc import Sequence
from urllib.parse import urlsplit

from asterisk_ari.errors import LeasesUnavailable


def missing_package(package: str, extra: str, error: ImportError) -> ImportError:
    """Return the error that says what to install."""
    return ImportError(f"{package} is not installed: pip install 'asterisk-ari[{extra}]'", name=error.name)


def unavailable(kind: str, urls: Sequence[str], error: BaseException) -> LeasesUnavailable:
    """Return the error that names the server and what it said."""
    return LeasesUnavailable(f"{kind} at {places(urls)}: {str(error) or type(error).__name__}")


def places(urls: Sequence[str]) -> str:
    """Return the hosts and ports of URLs."""
    split = [urlsplit(url if "://" in url else f"//{url}") for url in urls]
    return ", ".join(url.netloc.rpartition("@")[2] for url in split)
