"""What the package does with secrets and with UNSET."""

import httpx
import pytest

from ari_rest import AuthenticatedClient
from ari_rest.api.asterisk import asterisk_reload_module
from ari_rest.api.channels import channels_hangup, channels_originate, channels_play
from tests.generated import client_checks
from tests.generated.definitions import Definitions


@pytest.mark.parametrize("check", client_checks.CHECKS, ids=lambda check: check.__name__)
def test_client(check: client_checks.Check, definitions: Definitions) -> None:
    """The check named in this test's id finds nothing wrong."""
    assert check(definitions) == []


def test_odd_statuses_are_kept_as_they_are() -> None:
    """A status that no registry knows, a proxy's perhaps, reaches the caller instead of an error about it."""
    for status in (299, 520):
        transport = httpx.MockTransport(lambda _, status=status: httpx.Response(status, json={"message": "odd"}))
        with AuthenticatedClient(base_url="http://pbx", token="t", httpx_args={"transport": transport}) as client:
            assert status == asterisk_reload_module.sync_detailed("res_ari", client=client).status_code


def test_no_body_has_no_content_type() -> None:
    """A call that could have a body and has none says nothing of one."""
    kwargs = channels_originate._get_kwargs(endpoint="PJSIP/alice", app="demo")
    assert (kwargs["headers"], "json" in kwargs) == ({}, False)


@pytest.mark.parametrize("value", [None, "", ".", ".."])
def test_a_missing_id_is_refused(value: str | None) -> None:
    """An id that is none would name another resource, or the text None."""
    with pytest.raises(ValueError, match="channelId"):
        channels_hangup._get_kwargs(value)  # type: ignore[arg-type]


def test_an_empty_list_is_refused() -> None:
    """The server would read an empty list as one empty value."""
    with pytest.raises(ValueError, match="media"):
        channels_play._get_kwargs("1", media=[])
