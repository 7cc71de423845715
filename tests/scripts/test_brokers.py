"""The throw-away brokers of tests: they answer, keep what is stored over a crash, and end by themselves."""

import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Literal

import pytest

from scripts.brokers import Broker, BrokerError


def greeting(broker: Broker, said: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", broker.port), 5) as connection:
        connection.sendall(said)
        return connection.recv(4096)


def test_nats_answers_with_jetstream() -> None:
    with Broker("nats") as broker:
        assert b'"jetstream":true' in greeting(broker, b"")


def test_redis_keeps_what_was_written_over_a_kill() -> None:
    with Broker("redis") as broker:
        assert greeting(broker, b"SET call 7\r\n") == b"+OK\r\n"
        # Written to the file each second: the answer of this one says that it has been.
        assert greeting(broker, b"BGREWRITEAOF\r\n").startswith(b"+")
        broker.stop()
        broker.start()
        broker.kill()
        broker.start()
        assert greeting(broker, b"GET call\r\n") == b"$1\r\n7\r\n"


@pytest.mark.parametrize("kind", ["nats", "redis"])
def test_a_taken_port_is_told(kind: Literal["nats", "redis"]) -> None:
    with Broker(kind) as first:
        second = Broker(kind, first.port)
        with pytest.raises(BrokerError, match="already listens"):
            second.start()
        second.close()


def test_it_ends_with_its_owner(tmp_path: Path) -> None:
    program = "from scripts.brokers import Broker; b = Broker('nats'); b.start(); print((b.run_dir / 'server.pid').read_text())"
    command, env = [sys.executable, "-c", program], {**os.environ, "TMPDIR": str(tmp_path)}
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=True, timeout=60)
    pid = int(done.stdout)
    # The watcher looks each second; waitpid is not ours to use, the server is no child of this process.
    subprocess.run(["tail", f"--pid={pid}", "-f", "/dev/null"], check=True, timeout=30)
