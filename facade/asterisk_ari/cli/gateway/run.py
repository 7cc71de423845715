"""The command `gateway`, which runs beside each Asterisk of a cluster."""

import asyncio
import logging
import os
import signal
from pathlib import Path
from typing import Annotated, Any

import typer

from asterisk_ari.cli.command import command
from asterisk_ari.errors import BadArgument
from asterisk_ari.settings import Secret, Settings


def labels_of(given: list[str]) -> dict[str, str]:
    """Read `site=berlin`.

    Raises:
        BadArgument: a label has no name or no value.
    """
    labels = {name: value for name, _, value in (one.partition("=") for one in given)}
    if wrong := [name for name, value in labels.items() if not name or not value]:
        raise BadArgument(f"a label is NAME=VALUE, such as site=berlin, not {wrong[0]!r}")
    return labels


Servers = Annotated[
    list[str],
    typer.Option(
        "--nats", metavar="URL", help="A NATS server; repeat it for the servers of a cluster. Default: nats://127.0.0.1:4222."
    ),
]

MoreApps = Annotated[list[str], typer.Option("--more-app", metavar="NAME", help="A further Stasis app; may be repeated.")]

Labels = Annotated[
    list[str], typer.Option("--label", metavar="NAME=VALUE", help="A label by which workers choose nodes; may be repeated.")
]


def gateway(
    settings: Settings,
    node: Annotated[str, typer.Argument(metavar="NODE", help="Name of this Asterisk in the cluster: a-z, 0-9, - and _.")],
    *,
    nats: Servers = [],  # noqa: B006
    more_app: MoreApps = [],  # noqa: B006
    label: Labels = [],  # noqa: B006
    nats_user: Annotated[
        str | None, typer.Option("--nats-user", metavar="NAME", help="User of NATS; the password is read from NATS_PASSWORD.")
    ] = None,
    nats_credentials: Annotated[
        Path | None, typer.Option("--nats-credentials", metavar="FILE", help="Credentials file of NATS (JWT and key).")
    ] = None,
    retention: Annotated[
        float,
        typer.Option(
            "--retention", metavar="SECONDS", min=1.0, help="How long NATS keeps events, where this command creates the stream."
        ),
    ] = 600.0,
    drain: Annotated[
        float, typer.Option("--drain", metavar="SECONDS", min=0.0, help="At SIGTERM, how long to wait for calls to end.")
    ] = 0.0,
) -> int:
    """Publish the events of an Asterisk to NATS and answer the requests of workers, until Ctrl-C or SIGTERM.

    It runs beside each Asterisk of a cluster; workers use asterisk_ari.cluster.ClusterARI. Asterisk and NATS may be started
    later, and may go away and come back.

    Examples:
        asterisk-ari gateway berlin-1 --app support --nats nats://10.0.0.5:4222 --label site=berlin
    """
    options: dict[str, Any] = {}
    if nats_user is not None:
        options |= {"user": nats_user, "password": Secret(os.environ.get("NATS_PASSWORD", ""))}
    if nats_credentials is not None:
        options["user_credentials"] = str(nats_credentials)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    from asterisk_ari.cluster import Gateway

    served = Gateway(
        node, servers=nats or "nats://127.0.0.1:4222", url=settings.base_url.removesuffix("/ari"), username=settings.username,
        password=settings.password, app_name=settings.app_name, apps=more_app, verify=settings.verify, labels=labels_of(label),
        retention_seconds=retention, nats=options,
    )  # fmt: skip
    return asyncio.run(_serve(served, drain))


async def _serve(served: Any, drain: float) -> int:
    loop = asyncio.get_running_loop()
    draining: list[asyncio.Task[None]] = []

    async def end() -> None:
        if drain:
            await served.drain(drain)
        served.stop()

    def stop() -> None:
        if draining:  # the second signal ends it at once
            served.stop()
        draining.append(asyncio.ensure_future(end()))

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop)
    starting, stopping = asyncio.ensure_future(served.start()), asyncio.ensure_future(served.run())
    try:
        await asyncio.wait({starting, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if starting.done():
            starting.result()  # raises what Asterisk refuses
        await stopping
    finally:
        starting.cancel()
        stopping.cancel()
        await served.close()
    return 0


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    command(app, "gateway", panel="Control")(gateway)
