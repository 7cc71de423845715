"""Answers of real servers to handshakes that they refuse."""

from tests.servers.script import reply

HTML_404 = reply(404, html="<html><body><h1>Not Found</h1></body></html>")
UNAUTHORIZED = reply(401, html="<html><body><h1>Unauthorized</h1></body></html>")
FORBIDDEN = reply(403, json={"message": "Forbidden"})
NOT_BOOTED = reply(503, json={"message": "Asterisk not booted"})
NO_APP = reply(400, html="<html><body>HTTP request is missing param: [app]</body></html>")
