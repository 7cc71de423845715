"""What is wrong with a server that keeps leases, without its password."""

from collections.abc import Sequence
from urllib.parse import urlsplit

from asterisk_ari.errors import LeasesUnavailable


def missing_package(package: str, extra: str, error: ImportError) -> ImportError:
    """The error that says what to install."""
    return ImportError(f"{package} is not installed: pip install 'asterisk-ari[{extra}]'", name=error.name)


def unavailable(kind: str, urls: Sequence[str], error: BaseException) -> LeasesUnavailable:
    """The error that says which server it was, and what it said."""
    return LeasesUnavailable(f"{kind} at {places(urls)}: {str(error) or type(error).__name__}")


def places(urls: Sequence[str]) -> str:
    """Hosts and ports of URLs."""
    split = [urlsplit(url if "://" in url else f"//{url}") for url in urls]
    return ", ".join(url.netloc.rpartition("@")[2] for url in split)
