"""Certificates: which ones are trusted."""

import ssl

from asterisk_ari.settings import Settings


def context_of(settings: Settings) -> ssl.SSLContext:
    """The context of the settings: the program's own, the system's authorities, or none at all. Takes 50 ms to load."""
    if isinstance(settings.verify, ssl.SSLContext):
        return settings.verify
    context = ssl.create_default_context()
    if not settings.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
