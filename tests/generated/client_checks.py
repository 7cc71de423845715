"""Checks of what is neither operation nor model: secrets in reprs, and UNSET; each returns the problems it found."""

import copy
import importlib
import pickle
from collections.abc import Callable

from tests.generated.definitions import Definitions

Problems = list[str]
Check = Callable[[Definitions], Problems]
SECRET = "correct-horse-battery-staple"


def check_secrets_stay_out_of_reprs(definitions: Definitions, only: str | None = None) -> Problems:
    """Neither token nor headers nor transport arguments of a client show in its repr, before and after its first use."""
    module = importlib.import_module("ari_rest.client")
    base = {"base_url": "http://server.invalid/ari", "headers": {"Authorization": SECRET}, "httpx_args": {"auth": ("u", SECRET)}}
    problems = []
    for name, client in (
        ("Client", module.Client(**base)),
        ("AuthenticatedClient", module.AuthenticatedClient(token=SECRET, prefix="Basic", **base)),
        ("a copy with headers", module.Client(**base).with_headers({"X-Api-Key": SECRET})),
    ):
        problems += [f"repr of {name} shows a secret"] if SECRET in repr(client) else []
        client.get_httpx_client()
        client.get_async_httpx_client()
        problems += [f"repr of {name} shows a secret once used"] if SECRET in repr(client) else []
    return problems


def check_unset_is_one(definitions: Definitions, only: str | None = None) -> Problems:
    """UNSET stays the one object when it is copied or pickled, alone or inside a model."""
    unset = importlib.import_module("ari_rest.types").UNSET
    channel = importlib.import_module("ari_rest.models").Channel.from_dict(definitions.sample("Channel", optional=False))
    ways: dict[str, Callable[[object], object]] = {"copy": copy.copy, "deepcopy": copy.deepcopy}
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        ways[f"pickle {protocol}"] = lambda value, protocol=protocol: pickle.loads(pickle.dumps(value, protocol))
    problems = [f"{name} makes another UNSET" for name, way in ways.items() if way(unset) is not unset]
    problems += [f"{name} of a model makes another UNSET" for name, way in ways.items() if way(channel).tenantid is not unset]
    if unset or repr(unset) != "UNSET":
        problems.append(f"UNSET is {bool(unset)} and shows as {unset!r}")
    return problems


CHECKS = (check_secrets_stay_out_of_reprs, check_unset_is_one)
