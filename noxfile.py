"""Every job of the project, set-up included: `python3 noxfile.py -s demo` needs nothing but Python and pip.

Run as a program, this file first puts nox into a private environment under `.nox/`, so that it works on systems whose
Python is managed by the distribution. Where nox is installed already, `nox -s …` does the same.
"""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
NOX = "nox==2026.10.20"


def bootstrap() -> None:
    """Make `.nox/bootstrap`, put nox in it, and become it."""
    home = ROOT / ".nox" / "bootstrap"
    python = home / "bin" / "python"
    stamp = home / "nox-version"
    if not stamp.exists() or stamp.read_text() != NOX:
        # Without pip inside: Debian ships neither ensurepip nor a pip that may touch the system's Python.
        subprocess.run([sys.executable, "-m", "venv", "--clear", "--without-pip", str(home)], check=True)
        pip = [sys.executable, "-m", "pip"]
        if subprocess.run([*pip, "--version"], capture_output=True, check=False).returncode != 0:
            sys.exit("noxfile: this Python has no pip: install it first (apt-get install python3-pip)")
        subprocess.run([*pip, "--python", str(python), "install", "--quiet", NOX], check=True)
        stamp.write_text(NOX)
    os.execv(python, [str(python), "-m", "nox", "-f", str(ROOT / "noxfile.py"), *sys.argv[1:]])


if __name__ == "__main__":
    bootstrap()

import nox  # noqa: E402

nox.options.default_venv_backend = "virtualenv"
nox.options.reuse_venv = "yes"
nox.options.error_on_external_run = True
nox.options.sessions = ["lint", "types", "regenerate", "tests", "live", "docs"]

PYPROJECT = nox.project.load_toml(ROOT / "pyproject.toml")


def install(session: nox.Session, *groups: str, package: bool = True) -> None:
    """Install the package itself, editable, and the dependency groups of pyproject.toml."""
    wanted = [item for group in groups for item in nox.project.dependency_groups(PYPROJECT, group)]
    session.install(*(["-e", "."] if package else []), *wanted)


@nox.session
def demo(session: nox.Session) -> None:
    """The main job: place a call into an app, answer, play, hang up; on ARI_URL, LIVE_SERIES=22|16, else embedded."""
    install(session)
    session.run("python", "-m", "scripts.demo", *session.posargs)


@nox.session
def tests(session: nox.Session) -> None:
    """All tests that need no running Asterisk."""
    install(session, "test")
    session.run("pytest", "--ignore=tests/live", *session.posargs, env={"LIVE_SERIES": None})


@nox.session
def live(session: nox.Session) -> None:
    """Tests on a real Asterisk: the packaged 22 (LIVE_SERIES=16 for the other), or the one ARI_URL names."""
    install(session, "test")
    # The reference's programs want the dialplan of the packaged server.
    reference = [] if os.environ.get("ARI_URL") else ["tests/reference"]
    series = os.environ.get("LIVE_SERIES") or "22"
    tests = ["tests/live", *reference, "--ignore=tests/live/test_contract.py"]
    session.run("pytest", *tests, *session.posargs, env={"LIVE_SERIES": series})


@nox.session
def contract(session: nox.Session) -> None:
    """The embedded Asterisk beside a real one (22; LIVE_SERIES=16): every scenario, and random calls."""
    install(session, "test")
    session.run("pytest", "tests/live/test_contract.py", *session.posargs)


@nox.session
def regenerate(session: nox.Session) -> None:
    """Regenerate the client from swagger/, or from `-- URL` or `-- DIR`; `-- --check` only compares."""
    install(session, "generate")
    session.run("python", "-m", "scripts.regenerate", *session.posargs)
    check = ["--check"] if "--check" in session.posargs else []
    session.run("python", "-m", "scripts.docs_table", *check)
    session.run("python", "-m", "scripts.embedded_coverage", *check)


@nox.session
def lint(session: nox.Session) -> None:
    """Style: ruff's checks and format."""
    install(session, "lint", package=False)
    session.run("ruff", "check", "--no-cache", *session.posargs)
    session.run("ruff", "format", "--no-cache", "--check")


@nox.session
def types(session: nox.Session) -> None:
    """Types: mypy strict on facade and scripts, mypy on the generated package, completeness by pyright."""
    install(session, "types")
    session.run("mypy", "facade/asterisk_ari", "scripts", "noxfile.py")
    session.run("mypy", "generated/ari_rest")
    session.run("pyright", "--ignoreexternal", "--verifytypes", "asterisk_ari")


@nox.session
def bench(session: nox.Session) -> None:
    """Measure beside the limit and other clients, print ratios, assert nothing: 5 minutes, 90 s with `-- --quick`."""
    install(session, "bench")
    session.run("python", "-m", "scripts.bench", *session.posargs)
