"""`import ari` by the alias, and old programs by `python -m asterisk_ari.compat.ari`."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from asterisk_ari.testing import EmbeddedAsterisk
from tests.compat.runs import SECONDS

PREPARED = "from asterisk_ari.compat.ari import install_alias\ninstall_alias({options})\n"


@pytest.fixture(scope="module")
def asterisk() -> Iterator[EmbeddedAsterisk]:
    with EmbeddedAsterisk("22.10.1") as server:
        yield server


def python(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, check=False, timeout=2 * SECONDS,
        env={**os.environ, **environment},
    )  # fmt: skip


def output(program: str, options: str = "") -> str:
    """What a program prints whose first lines install the alias."""
    done = python("-W", "error", "-c", PREPARED.format(options=options) + program)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.behaviour(25)
def test_import_ari_works_unchanged(asterisk: EmbeddedAsterisk) -> None:
    program = (
        "import ari, ari.client, ari.model, ari.exceptions\n"
        "from ari import connect\n"
        "from ari.client import Client\n"
        "from ari.model import Channel, CLASS_MAP\n"
        "from ari.exceptions import ARINotFound\n"
        "assert ari.Client is ari.client.Client is Client and ari.Channel is Channel\n"
        f"client = ari.connect({asterisk.url!r}, {asterisk.username!r}, {asterisk.password!r})\n"
        "assert isinstance(client, Client)\n"
        "print(client.channels.list(), client.channels)\n"
        "client.close()\n"
    )
    assert output(program) == "[] Repository(channels)\n"


def test_swaggerpy_too_where_it_is_missing(asterisk: EmbeddedAsterisk) -> None:
    program = (
        "import ari, swaggerpy.http_client\n"
        "http_client = swaggerpy.http_client.SynchronousHttpClient()\n"
        f"http_client.set_basic_auth('127.0.0.1', {asterisk.username!r}, {asterisk.password!r})\n"
        f"client = ari.Client({asterisk.url!r}, http_client)\n"
        "print(client.channels.list())\n"
        "client.close()\n"
    )
    assert output(program) == "[]\n"


def test_options_are_those_of_all_clients() -> None:
    program = (
        "import ari, websocket\n"
        "from asterisk_ari.compat.ari import Client\n"
        "print(ari.Client.stasis_start, ari.Client.reconnect.enabled, issubclass(ari.Client, WazoClient), Client.stasis_start)\n"
    )
    imports = "from asterisk_ari.compat.ari import Reconnect\nfrom asterisk_ari.compat.ari.wazo import WazoClient\n"
    options = "client_class=WazoClient, reconnect=Reconnect(enabled=False), stasis_start='channel'"
    done = python("-c", imports + PREPARED.format(options=options) + program)
    assert done.stdout == "channel False True definitions\n", done.stderr


@pytest.mark.behaviour(25)
def test_without_the_alias_nothing_is_called_ari() -> None:
    """And it takes no place of another ari; twice does no harm."""
    done = python("-c", "from asterisk_ari.compat import ari\nimport sys\nprint('ari' in sys.modules)")
    assert done.stdout == "False\n"
    another = python("-c", "import sys, types\nsys.modules['ari'] = types.ModuleType('ari')\n" + PREPARED.format(options=""))
    assert "another ari is imported already" in another.stderr
    assert output(PREPARED.format(options="") + "import ari\nprint(ari.connect is not None)") == "True\n"


@pytest.mark.behaviour(25)
def test_without_requests_it_says_what_to_install() -> None:
    """Nothing else of the package needs it."""
    done = python(
        "-c", "import sys\nsys.modules['requests'] = None\nimport asterisk_ari.sync\nfrom asterisk_ari.compat import ari"
    )
    assert done.returncode == 1
    assert "pip install 'asterisk-ari[compat]'" in done.stderr.splitlines()[-1]


def test_a_program_is_run_as_it_is(asterisk: EmbeddedAsterisk, tmp_path: Path) -> None:
    """With its arguments, its folder to import from, and `__main__`; its exit status is that of the command."""
    (tmp_path / "beside.py").write_text("WORD = 'beside'\n")
    (tmp_path / "program.py").write_text(
        "#!/usr/bin/env python\n"
        "import sys\n"
        "import ari\n"
        "from beside import WORD\n"
        "def main():\n"
        "    client = ari.connect(*sys.argv[1:4])\n"
        "    bridge = client.bridges.create(type='mixing')\n"
        "    print(WORD, len(client.bridges.list()), sys.argv[0].endswith('program.py'), sys.argv[4:])\n"
        "    bridge.destroy()\n"
        "    client.close()\n"
        "    sys.exit(3)\n"
        "if __name__ == '__main__':\n"
        "    main()\n"
    )
    access = (asterisk.url, asterisk.username, asterisk.password)
    done = python("-m", "asterisk_ari.compat.ari", str(tmp_path / "program.py"), *access, "--option", "-x")
    assert (done.returncode, done.stdout) == (3, "beside 1 True ['--option', '-x']\n"), done.stderr


def test_options_of_the_command(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(
        "import ari\nprint(ari.Client.stasis_start, ari.Client.reconnect, hasattr(ari.Client, 'on_application_registered'))\n"
    )
    options = ("--stasis-start", "channel", "--no-reconnect", "--wazo")
    done = python("-m", "asterisk_ari.compat.ari", *options, str(program))
    assert done.stdout.split()[0] == "channel", done.stderr
    assert "enabled=False" in done.stdout
    assert done.stdout.split()[-1] == "True"
    done = python("-m", "asterisk_ari.compat.ari", str(program))
    assert done.stdout == "definitions None False\n", done.stderr


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ('import ari\nprint "hello"\n', "a program for Python 2 must be brought to Python 3 first"),
        (None, "there is no program"),
    ],
)
def test_what_cannot_be_run_says_why(source: str | None, said: str, tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    if source is not None:
        program.write_text(source)
    done = python("-m", "asterisk_ari.compat.ari", str(program))
    assert done.returncode != 0
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_an_exception_of_the_program_is_its_own(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text("import ari\ncompile('a b', 'elsewhere', 'exec')\n")
    done = python("-m", "asterisk_ari.compat.ari", str(program))
    assert "SyntaxError" in done.stderr
    assert "Python 2" not in done.stderr
