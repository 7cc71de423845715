"""Errors of the connection to NATS."""

from asterisk_ari.errors import NotSent


class NatsUnavailable(NotSent):
    """NATS cannot be reached, or does not permit the operation: nothing was sent.

    Example:
        >>> try:
        ...     await ari.connect()
        ... except NatsUnavailable as error:
        ...     print(error)
        no connection to NATS at 192.0.2.7:4222: Connect call failed (is nats-server running there?)
    """
