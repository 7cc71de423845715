"""Who may reach the server, and with which passwords."""

import ipaddress
from collections.abc import Mapping

from asterisk_ari.testing.request import User


def default_users() -> dict[str, User]:
    """Users whose passwords everybody knows."""
    return {"asterisk": User("asterisk", "asterisk"), "reader": User("reader", "reader", read_only=True)}


def is_loopback(host: str) -> bool:
    """Whether an address to listen on is reached from this machine alone."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def check_users(host: str, users: Mapping[str, User]) -> None:
    """Refuse passwords that everybody knows where others can reach the server.

    Raises:
        ValueError: a user has the password of the defaults.
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
