"""Connecting and disconnecting: credentials, TLS, what is left behind; both variants."""

import socket
import ssl
import threading
from typing import Any

import pytest

from ari_rest.api.asterisk import asterisk_get_info
from asterisk_ari.errors import (
    AriDisabled,
    AuthenticationFailed,
    ConnectionRefused,
    EventStreamRefused,
    NotConnected,
    PermissionDenied,
    TlsFailed,
)
from scripts.live import LiveAsterisk
from tests.live import leaks
from tests.live.calls import LIMIT, eventually, fresh, place
from tests.live.server import Server
from tests.live.variants import Blocking, Variant

ODD = "p:a@s/s%41 w+ö&?#="


def test_a_wrong_password_is_said_and_not_shown(variant: Variant, server: Server) -> None:
    """The message says what to check, and has no password in it."""
    ari = variant.client(url=server.url, username=server.username, password="hunter-two")
    with pytest.raises(AuthenticationFailed, match=r"ari\.conf") as refusal:
        ari.connect()
    assert "hunter-two" not in f"{refusal.value} {refusal.value!r} {ari!r} {ari.settings!r}"
    assert not ari.is_connected
    with pytest.raises(NotConnected):
        ari.list_channels()


def test_nobody_listens(variant: Variant) -> None:
    """A refused connection is its own error."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        with pytest.raises(ConnectionRefused):
            variant.client(host="127.0.0.1", port=port).connect()


def test_no_ari_behind_the_address(variant: Variant, server: Server) -> None:
    """A prefix that leads nowhere is told apart from a missing object."""
    url = server.url.rstrip("/").removesuffix("/ari") + "/elsewhere"
    with pytest.raises(AriDisabled, match="prefix"):
        variant.client(url=url, username=server.username, password=server.password).connect()


def test_a_user_who_may_only_read(connect: Any, packaged: LiveAsterisk) -> None:
    """A read-only user connects, reads, hears events, and is refused what writes."""
    ari = connect(username="reader", password="reader")
    assert ari.list_channels() == []
    with pytest.raises(PermissionDenied, match=r"read-only|ari\.conf"):
        ari.create_bridge("mixing")


def test_a_crypted_password(connect: Any, packaged: LiveAsterisk) -> None:
    """How the server stores a password makes no difference."""
    assert connect(username="crypted", password="crypted").get_asterisk_info()["version"]


def test_odd_characters_in_credentials(variant: Variant, own: LiveAsterisk) -> None:
    """A password with : @ / % + & ? # = space and non-ASCII works for REST and WebSocket alike."""
    conf = own.run_dir / "etc/ari.conf"
    former = conf.read_text()
    conf.write_text(f"{former}\n[odd user]\ntype = user\npassword = {ODD}\n")
    own.cli("module reload res_ari.so")
    try:
        with variant.client(url=own.url, username="odd user", password=ODD, app_name=fresh("odd")) as ari:
            near, _ = place(ari)
            with near.expect("ChannelDestroyed") as gone:
                near.hangup()
                gone.result(LIMIT)
    finally:
        conf.write_text(former)
        own.cli("module reload res_ari.so")


def test_tls_without_verification(variant: Variant, packaged: LiveAsterisk) -> None:
    """https and wss with verify=False: a whole call."""
    assert _a_call_over_tls(variant, packaged, verify=False) == 16


def test_tls_with_a_context_of_ones_own(variant: Variant, packaged: LiveAsterisk) -> None:
    """https and wss with an SSL context that trusts the server's certificate."""
    context = ssl.create_default_context(cafile=str(packaged.run_dir / "keys/tls.crt"))
    assert _a_call_over_tls(variant, packaged, verify=context) == 16


def test_tls_refuses_an_unknown_certificate(variant: Variant, packaged: LiveAsterisk) -> None:
    """By default a certificate of nobody's is refused, and the message says so."""
    ari = variant.client(url=_tls_url(packaged), username="asterisk", password="asterisk")
    with pytest.raises(TlsFailed, match="certificate"):
        ari.connect()


def test_plain_http_to_the_tls_port(variant: Variant, packaged: LiveAsterisk) -> None:
    """Speaking https to a plain port is an error of TLS, not a puzzle."""
    with pytest.raises(TlsFailed):
        variant.client(url=packaged.url.replace("http:", "https:"), username="asterisk", password="asterisk").connect()


def _tls_url(packaged: LiveAsterisk) -> str:
    return f"https://127.0.0.1:{packaged.env['ARI_TLS_PORT']}"


def _a_call_over_tls(variant: Variant, packaged: LiveAsterisk, **options: Any) -> int:
    """Why it ended."""
    address = {"url": _tls_url(packaged), "username": packaged.username, "password": packaged.password}
    with variant.client(**address, app_name=fresh("tls"), **options) as ari:
        near, _ = place(ari)
        assert near.play("sound:hello-world").wait(LIMIT)["playback"]["state"] == "done"
        with near.expect("ChannelDestroyed") as gone:
            near.hangup()
            cause: int = gone.result(LIMIT).cause
            return cause


def test_disconnect_leaves_nothing_and_connect_works_again(variant: Variant, server: Server) -> None:
    """No thread, no socket; registrations that are not about one object are there after the next connect."""
    ari = variant.client(**server.credentials, app_name=fresh("again"))
    seen: list[str] = []
    ari.on("StasisStart", lambda event: seen.append(event["channel"]["id"]))
    expected = []
    for _ in range(2):
        with leaks.nothing_left():
            ari.connect()
            ari.connect()  # no effect
            near, far = place(ari)
            expected += [far.id, near.id]
            with near.expect("ChannelDestroyed") as gone:
                near.hangup()
                gone.result(LIMIT)
            ari.disconnect()
            ari.disconnect()  # no effect
            if variant.name == "async":
                continue  # the loop and its executor are the test's
            assert not [thread.name for thread in threading.enumerate() if thread.name.startswith("ari")]
    assert sorted(seen) == sorted(expected)
    with pytest.raises(NotConnected):
        ari.channels.list()


def test_calls_live_on_after_disconnect(variant: Variant, server: Server, connect: Any) -> None:
    """Disconnecting ends no call: another client still sees and ends it."""
    other = connect()
    with variant.client(**server.credentials, app_name=fresh("short")) as ari:
        near, _ = place(ari)
        channel_id = near.id
    assert other.get_channel_info(channel_id)["state"] == "Up"
    assert other.hangup_channel(channel_id) is True


def test_without_events(variant: Variant, server: Server) -> None:
    """events=False makes a client that only calls."""
    with variant.client(**server.credentials, events=False) as ari:
        assert isinstance(ari.list_channels(), list)
        assert not ari.stats.connected


def test_generated_functions_over_the_same_connections(connect: Any, server: Server) -> None:
    """`rest_client()` is a client for the functions of `ari_rest`."""
    ari = connect()
    client = ari.rest_client()
    if isinstance(ari, Blocking):
        answer = ari.do(asterisk_get_info.asyncio, client=client)
    else:
        answer = asterisk_get_info.sync(client=client)
    assert answer.system.version == server.version


def test_two_clients_of_one_app(connect: Any) -> None:
    """The second takes the app over; the first yields, its wait ends, and its calls still work."""
    first = connect()
    ended: list[Any] = []
    first.on("ApplicationReplaced", ended.append)
    with first.expect("ApplicationReplaced") as replaced:
        second = connect(app_name=first.settings.app_name)
        replaced.result(LIMIT)
    near, _ = place(second)
    assert first.get_channel_info(near.id)["state"] == "Up"


def test_several_apps_on_one_socket(connect: Any) -> None:
    """Events of further apps arrive, each with its application."""
    ari = connect(apps=[fresh("second"), fresh("third")])
    for app in ari.settings.all_apps:
        near, _ = place(ari, app=app)
        assert near.id in ari.applications(app).refresh().json["channel_ids"]
        near.hangup()


def test_subscribe_all_hears_calls_of_others(connect: Any) -> None:
    """With subscribe_all, channels of other apps are heard."""
    listener, other = connect(subscribe_all=True), connect()
    created: list[str] = []
    listener.on("ChannelCreated", lambda event: created.append(event["channel"]["id"]))
    near, far = place(other)
    with listener.expect("ChannelDestroyed", about=("channel", near.id)) as gone:
        near.hangup()
        gone.result(LIMIT)
    eventually(lambda: {near.id, far.id} <= set(created))


def test_a_user_removed_meanwhile_is_refused_for_good(variant: Variant, own: LiveAsterisk) -> None:
    """When the server refuses the user on reconnecting, the client stops at once and says why."""
    conf = own.run_dir / "etc/ari.conf"
    former = conf.read_text()
    conf.write_text(f"{former}\n[passing]\ntype = user\npassword = before\n")
    own.cli("module reload res_ari.so")
    problems: list[Exception] = []
    ari = variant.client(
        url=own.url,
        username="passing",
        password="before",
        app_name=fresh("pass"),
        on_error=lambda error, event: problems.append(error),
    )
    try:
        ari.connect()
        with ari.expect("ConnectionLost") as lost, pytest.raises(EventStreamRefused, match="401|password"):
            own.restart()  # with the configuration it had, which has no such user
            lost.result(LIMIT)
            ari.start_event_loop()
        eventually(lambda: any(isinstance(problem, EventStreamRefused) for problem in problems), "on_error was not told")
    finally:
        ari.disconnect()
