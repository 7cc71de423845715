"""A drop-in replacement for ari-py: programs written for it run on this package.

from asterisk_ari.compat import ari

client = ari.connect("http://localhost:8088", "asterisk", "asterisk")
client.on_channel_event("StasisStart", lambda channels, event: channels["channel"].answer())
client.run(apps="demo")

`ari.install_alias()` lets `import ari` work unchanged, and `python -m asterisk_ari.compat.ari program.py` runs a program
unchanged. It requires `requests` for its exceptions: extra `compat`.
"""

try:
    import requests as _requests  # noqa: F401 - that it is there
except ModuleNotFoundError as _error:
    raise ModuleNotFoundError(
        "asterisk_ari.compat.ari raises the exceptions of requests, which is not installed: pip install 'asterisk-ari[compat]'",
        name=_error.name,
    ) from _error

from asterisk_ari.compat.ari import client, exceptions, model
from asterisk_ari.compat.ari._alias import connect, install_alias
from asterisk_ari.compat.ari.client import Client
from asterisk_ari.compat.ari.http_client import SynchronousHttpClient
from asterisk_ari.policies import Reconnect

__all__ = ("Client", "Reconnect", "SynchronousHttpClient", "client", "connect", "exceptions", "install_alias", "model")
