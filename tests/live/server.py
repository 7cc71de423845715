"""The Asterisk under test: the packaged one, or the one that ARI_URL names."""

import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from asterisk_ari.errors import NotSupportedByServer

SECONDS = 10.0
AVAILABILITY = Path(__file__).resolve().parents[2] / "swagger" / "availability.json"


@dataclass(frozen=True)
class Server:
    """Where it is, who may use it, and what it has by its own account."""

    url: str
    username: str
    password: str = field(repr=False)
    version: str = ""
    operations: frozenset[str] = frozenset()
    parameters: frozenset[str] = frozenset()
    models: frozenset[str] = frozenset()
    packaged: bool = False

    @property
    def release(self) -> str | None:
        """The final release that its version names, "22.10.1" for example; None for certified, rc, GIT and other builds."""
        match = re.match(r"(\d+\.\d+\.\d+)(?![.\d]|[-~]?(?:rc|beta|alpha|pre))", self.version)
        return match[1] if match else None

    @property
    def name(self) -> str:
        """What a refusal calls it."""
        return self.release or self.version

    @property
    def has_context_of_an_app(self) -> bool:
        """Whether a connected app has a dialplan context of its own: since 16.2, whatever its definitions say."""
        return self.release is None or tuple(map(int, self.release.split("."))) >= (16, 2, 0)

    @contextmanager
    def refused_without(self, *needed: str) -> Iterator[None]:
        """The block runs where the server has these operations and parameters; elsewhere the first that lacks is refused by name."""
        missing = [name for name in needed if name not in self.operations | self.parameters]
        if not missing:
            yield
            return
        resource, operation, *parameter = missing[0].split(".")
        label = "".join(f"{name} of " for name in parameter) + f"{resource}.{operation}"
        with pytest.raises(NotSupportedByServer, match=rf"{label} needs .+; this is {re.escape(self.name)}"):
            yield

    @property
    def has_rest_over_websocket(self) -> bool:
        """Whether its definitions describe requests over the event WebSocket."""
        return "RESTRequest" in self.models

    @property
    def credentials(self) -> dict[str, str]:
        """Arguments of a client."""
        return {"url": self.url, "username": self.username, "password": self.password}


def describe(url: str, username: str, password: str, *, packaged: bool = False) -> Server:
    """Ask a server, by plain HTTP and not by the package, for its version and its definitions."""
    operations: set[str] = set()
    parameters: set[str] = set()
    models: set[str] = set()
    base = url.rstrip("/").removesuffix("/ari") + "/ari"
    with httpx.Client(auth=(username, password), timeout=SECONDS, trust_env=False) as client:

        def get(path: str) -> dict:  # type: ignore[type-arg]
            return client.get(base + path).raise_for_status().json()

        info = get("/asterisk/info")
        for entry in get("/api-docs/resources.json")["apis"]:
            name = entry["path"].rsplit("/", 1)[-1].partition(".")[0]
            declaration = get(f"/api-docs/{name}.json")
            models |= set(declaration.get("models", {}))
            for api in declaration["apis"]:
                for operation in api["operations"]:
                    full = f"{name}.{operation['nickname']}"
                    operations.add(full)
                    for item in operation.get("parameters", []):
                        parameters.add(f"{full}.{item['name']}")
                        allowed = item.get("allowableValues", {}).get("values", [])
                        parameters |= {f"{full}.{item['name']}={value}" for value in allowed}
    found = frozenset(operations), frozenset(parameters), frozenset(models)
    return Server(url, username, password, info["system"]["version"], *found, packaged=packaged)


def first_releases(operation: str) -> dict[str, str]:
    """The first release of each branch that has an operation, given as `POST /channels/{channelId}/progress`."""
    releases: dict[str, str] = json.loads(AVAILABILITY.read_text(encoding="utf-8"))["ops"][operation]
    return releases


def given() -> str | None:
    """The address in ARI_URL, where the tests shall use somebody else's server; `/ari` may end it, as it does for clients."""
    return os.environ.get("ARI_URL", "").rstrip("/").removesuffix("/ari") or None


def embedded_releases() -> list[str]:
    """The releases in LIVE_EMBEDDED, where the embedded Asterisk is tested as each of them."""
    return [release for release in os.environ.get("LIVE_EMBEDDED", "").split(",") if release]


def series() -> str:
    """Which packaged server to use."""
    return os.environ.get("LIVE_SERIES", "22")
