"""Access to the server: addresses and passwords."""

import ipaddress
from collections.abc import Mapping

from asterisk_ari.testing.request import User


def default_users() -> dict[str, User]:
    """Return the default users, whose passwords are public."""
    return {"asterisk": User("asterisk", "asterisk"), "reader": User("reader", "reader", read_only=True)}


def is_loopback(host: str) -> bool:
    """Whether an address to listen on is reachable only from this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def check_users(host: str, users: Mapping[str, User]) -> None:
    """Reject the public default passwords if the server is reachable from other machines.

    Raises:
        ValueError: a user has a default password.
    """
    if is_loopback(host):
        return
    defaults = default_users()
    for name, user in users.items():
        if not user.password or (name in defaults and user.password == defaults[name].password):
            raise ValueError(
                f"{host or 'every address'} is reached from other machines: give users= (--user) with passwords of your own;"
                f" that of {name!r} is known to everybody"
            )
