"""The voice agent of docs/examples on the embedded Asterisk."""

from pathlib import Path

import pytest

from asterisk_ari import AsteriskARI
from asterisk_ari.testing import EmbeddedAsterisk
from tests.media.voice_agent import the_voice_agent_works

DIALPLAN = "[stasis]\nexten => _[0-9a-zA-Z]!,1,Stasis(${EXTEN})\n"
pytestmark = pytest.mark.timeout(240)


def test_the_voice_agent(tmp_path: Path) -> None:
    with EmbeddedAsterisk("22.10.1", dialplan=DIALPLAN) as server:
        url, user, password = server.url, server.username, server.password
        with AsteriskARI(url=url, username=user, password=password, app_name="demo") as ari:
            the_voice_agent_works(ari, server, tmp_path)
