"""Which TLS certificates are trusted."""

import ssl

from asterisk_ari.settings import Settings


def context_of(settings: Settings) -> ssl.SSLContext:
    """Return the TLS context for the settings: the program's own, or a new one, which takes 50 ms to load.

    A new one trusts the system's authorities, or verifies nothing if `verify` is false.
    """
    if isinstance(settings.verify, ssl.SSLContext):
        return settings.verify
    context = ssl.create_default_context()
    if not settings.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
