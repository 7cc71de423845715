"""The Asterisk under test: the packaged one, or the one that ARI_URL names."""

import os
from dataclasses import dataclass, field

import httpx

SECONDS = 10.0


@dataclass(frozen=True)
class Server:
    """Where it is, who may use it, and what it has by its own account."""

    url: str
    username: str
    password: str = field(repr=False)
    version: str = ""
    operations: frozenset[str] = frozenset()
    parameters: frozenset[str] = frozenset()
    packaged: bool = False

    @property
    def line(self) -> int:
        """Its major release, 22 for example."""
        return int(self.version.split(".")[0])

    @property
    def credentials(self) -> dict[str, str]:
        """Arguments of a client."""
        return {"url": self.url, "username": self.username, "password": self.password}


def describe(url: str, username: str, password: str, *, packaged: bool = False) -> Server:
    """Ask a server, by plain HTTP and not by the package, for its version and its definitions."""
    operations: set[str] = set()
    parameters: set[str] = set()
    base = url.rstrip("/").removesuffix("/ari") + "/ari"
    with httpx.Client(auth=(username, password), timeout=SECONDS, trust_env=False) as client:

        def get(path: str) -> dict:  # type: ignore[type-arg]
            return client.get(base + path).raise_for_status().json()

        version = get("/asterisk/info")["system"]["version"]
        for entry in get("/api-docs/resources.json")["apis"]:
            name = entry["path"].rsplit("/", 1)[-1].partition(".")[0]
            for api in get(f"/api-docs/{name}.json")["apis"]:
                for operation in api["operations"]:
                    full = f"{name}.{operation['nickname']}"
                    operations.add(full)
                    parameters |= {f"{full}.{item['name']}" for item in operation.get("parameters", [])}
    return Server(url, username, password, version, frozenset(operations), frozenset(parameters), packaged)


def given() -> str | None:
    """The address in ARI_URL, where the tests shall use somebody else's server."""
    return os.environ.get("ARI_URL") or None


def series() -> str:
    """Which packaged server to use."""
    return os.environ.get("LIVE_SERIES", "22")
