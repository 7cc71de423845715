"""Every job of the project, set-up included: `python3 noxfile.py -s demo` needs nothing but Python and pip.

Run as a program, this file first puts nox into a private environment under `.nox/`, so that it works on systems whose
Python is managed by the distribution. Where nox is installed already, `nox -s …` does the same.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
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

# Tests start hundreds of Pythons: compiled modules are kept, whatever the environment says.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

nox.options.default_venv_backend = "virtualenv"
nox.options.reuse_venv = "yes"
nox.options.error_on_external_run = True
nox.options.sessions = ["lint", "types", "tests"]

PYPROJECT = nox.project.load_toml(ROOT / "pyproject.toml")
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
CORES = os.cpu_count() or 1
# One more than there are cores, where one is reading or writing at times.
WORKERS = str(CORES + 1)
# Three quarters of the time that the tests take they wait: for time limits, for processes, for calls of the embedded
# Asterisk. So four processes share a core of two; on a machine of many, where the tests are soon done, what each process does
# first counts. The longest tests stand side by side: who has none left takes some from the others.
SPREAD = ("-n", str(2 * CORES + 4), "--dist", "worksteal")
# Where threads and sockets take their time a busy machine may fail a test: it is run once more, and the report names it.
ONCE_MORE = ("--reruns", "1", "-rR")
# What the embedded Asterisk is tested as: one of each branch that the packaged servers are not of, builds, and one that does
# not say what it is.
FINAL = ("13.38.3", "18.26.4", "20.15.2", "21.12.3", "23.4.1")
RELEASES = (*FINAL, "GIT-master-abc", "certified/20.7-cert5", "22.11.0-rc1", "20.15.2=unknown")
# What takes long and is the same in all of them, audio in real time too, and the contract, which wants a real server.
SAME_IN_ALL = (
    *("contract", "media_acceptance", "media_faults", "media_streams", "outbound_contract", "outbound_lives", "regenerate"),
    "thousand_calls",
)
# Where a release of something that is needed may make a difference; what decides by itself has none.
WITH_DEPENDENCIES = (
    *(
        "cli/test_command_line.py",
        "cli/test_tail.py",
        "compat/test_ari_calls.py",
        "compat/test_ari_client.py",
        "core/test_request.py",
    ),
    *(
        "calls/test_programs.py",
        "embedded/test_faults.py",
        "embedded/test_http.py",
        "media/test_resample.py",
        "media/test_vad.py",
    ),
    "telemetry",
)
# Tests of sessions of their own: `live` and `contract`, `types`.
ELSEWHERE = ("--ignore=tests/live", "--ignore=tests/typing")


def install(session: nox.Session, *groups: str, package: bool = True) -> None:
    """Install the package itself, editable, and dependency groups of pyproject.toml, unless this environment has them."""
    wanted = [
        *(["-e", "."] if package else []),
        *(item for name in groups for item in nox.project.dependency_groups(PYPROJECT, name)),
    ]
    state = hashlib.sha256("\n".join([*wanted, (ROOT / "pyproject.toml").read_text(encoding="utf-8")]).encode()).hexdigest()
    stamp = Path(session.virtualenv.location) / "installed"
    if not stamp.exists() or stamp.read_text(encoding="utf-8") != state:
        session.install(*wanted)
        stamp.write_text(state, encoding="utf-8")


def find_python(version: str) -> str | None:
    """The interpreter of that version, if this machine has one: on PATH, or among those of pyenv."""
    pyenv = sorted(Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")).glob(f"versions/{version}.*/bin/python{version}"))
    for candidate in (shutil.which(f"python{version}"), *map(str, reversed(pyenv))):
        # A shim of pyenv is on PATH for every version, and runs only the chosen ones.
        if candidate and subprocess.run([candidate, "--version"], capture_output=True, check=False).returncode == 0:
            return candidate
    return None


def each_python(job: Callable[[nox.Session], None]) -> None:
    """A session with the Python that runs nox, and `NAME-3.12` and so on for every Python found; `-t matrix` runs these."""
    nox.session(job)
    for version, python in FOUND.items():
        tags = ["matrix"] if job.__name__ == "tests" else []
        nox.session(name=f"{job.__name__}-{version}", python=python, tags=tags, default=False)(job)


FOUND = {version: python for version in PYTHONS if (python := find_python(version))}


@each_python
def demo(session: nox.Session) -> None:
    """The main job: place a call into an app, answer, play, hang up; on ARI_URL, LIVE_SERIES=22|16, else embedded."""
    install(session)
    session.run("python", "-m", "scripts.demo", *session.posargs)


@each_python
def tests(session: nox.Session) -> None:
    """All tests that need no running Asterisk, on every core (`-- -n 0` for one process)."""
    install(session, "test")
    session.run("pytest", *ELSEWHERE, *SPREAD, *ONCE_MORE, *session.posargs, env={"LIVE_SERIES": None})


@each_python
def live(session: nox.Session) -> None:
    """Tests on a real Asterisk: the packaged 22 (LIVE_SERIES=16 for the other), or the one ARI_URL names."""
    install(session, "test")
    paths = ["tests/live", "--ignore=tests/live/test_contract.py"]
    if not os.environ.get("ARI_URL"):
        # The reference's programs want the packaged server's dialplan. Each process has servers of its own.
        paths += ["tests/reference", "-n", "2"]
    session.run("pytest", *paths, *ONCE_MORE, *session.posargs, env={"LIVE_SERIES": os.environ.get("LIVE_SERIES") or "22"})


@nox.session
def releases(session: nox.Session) -> None:
    """The tests of `live` on the embedded Asterisk as releases and builds of each branch, or as those of `-- RELEASE…`."""
    install(session, "test")
    paths = ["tests/live", *(f"--ignore=tests/live/test_{name}.py" for name in SAME_IN_ALL), *SPREAD]
    environment = {"LIVE_EMBEDDED": ",".join(session.posargs or RELEASES), "LIVE_SERIES": None, "ARI_URL": None}
    session.run("pytest", *paths, *ONCE_MORE, env=environment)


@each_python
def contract(session: nox.Session) -> None:
    """The embedded Asterisk beside a real one (22; LIVE_SERIES=16; ARI_URL): every scenario, and random calls."""
    install(session, "test")
    # They wait for what they play and record; each process has servers of its own, where it is not given one.
    processes = "0" if os.environ.get("ARI_URL") else "3"
    session.run("pytest", "tests/live/test_contract.py", "-n", processes, *ONCE_MORE, *session.posargs)


@nox.session
def coverage(session: nox.Session) -> None:
    """What the tests reach of the facade and the scripts: a table, and pages under `htmlcov/`."""
    install(session, "test", "coverage")
    session.run("coverage", "erase")
    session.run("coverage", "run", "-m", "pytest", *ELSEWHERE, *SPREAD, *session.posargs, env={"LIVE_SERIES": None})
    session.run("coverage", "combine", "--quiet")
    session.run("coverage", "html", "--quiet")
    session.run("coverage", "report")


@nox.session
def regenerate(session: nox.Session) -> None:
    """Regenerate the client from swagger/, or from `-- URL` or `-- DIR`; `-- --check` only compares."""
    install(session, "generate")
    session.run("python", "-m", "scripts.regenerate", *session.posargs)
    check = ["--check"] if "--check" in session.posargs else []
    session.run("python", "-m", "scripts.docs_table", *check)
    session.run("python", "-m", "scripts.embedded_coverage", *check)


@nox.session
def availability(session: nox.Session) -> None:
    """Compare swagger/availability.json with the definitions of releases in `-- DIR`; `--write` computes it from them."""
    install(session, "generate")
    session.run("python", "-m", "scripts.availability", *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """Style and structure: ruff's checks and format, the limits on length, the contracts on imports."""
    install(session, "lint", package=False)
    session.run("ruff", "check", "--no-cache", *session.posargs)
    session.run("ruff", "format", "--no-cache", "--check")
    session.run("python", "-m", "scripts.limits")
    session.run("lint-imports", "--no-cache", "--no-logo", env={"PYTHONPATH": os.pathsep.join(("facade", "generated"))})


@nox.session
def types(session: nox.Session) -> None:
    """Types: mypy strict on facade and scripts, mypy on the generated package, completeness by pyright, tests/typing."""
    install(session, "types")
    session.run("mypy", "facade/asterisk_ari", "scripts", "noxfile.py")
    session.run("mypy", "generated/ari_rest")
    session.run("pyright", "--ignoreexternal", "--verifytypes", "asterisk_ari")
    session.run("pytest", "tests/typing", "-n", WORKERS, *session.posargs)


@nox.session
def api(session: nox.Session) -> None:
    """Compare the public API with that of the last release, or of `-- TAG`: breaking changes want another version."""
    install(session, "api", package=False)
    session.run("python", "-m", "scripts.api", *session.posargs)


@nox.session
def oldest(session: nox.Session) -> None:
    """Tests with the oldest release that pyproject.toml allows of each package that this one or an extra needs."""
    project = PYPROJECT["project"]
    listed = [project["dependencies"], *project["optional-dependencies"].values()]
    pins = [re.sub(r">=([\d.]+).*", r"==\1", item) for items in listed for item in items if not item.startswith(project["name"])]
    tools = ("hypothesis>=6.100", "opentelemetry-exporter-prometheus", "pytest>=8.3", "pytest-timeout>=2.3", "pytest-xdist>=3.6")
    session.install("-e", ".", *pins, *tools)
    paths = [f"tests/{path}" for path in WITH_DEPENDENCIES]
    # What the packages that they need in turn deprecate is theirs to mend.
    session.run("pytest", *paths, *SPREAD, "-W", "ignore::DeprecationWarning", *session.posargs, env={"LIVE_SERIES": None})


@nox.session
def docs(session: nox.Session) -> None:
    """Build the documentation into site/, strictly, and check it: links, names, nothing from elsewhere; then in Chromium."""
    install(session, "docs")
    # Not what the theme's authors advertise in every build.
    session.run("python", "-m", "mkdocs", "build", *session.posargs, env={"NO_MKDOCS_2_WARNING": "1"})
    session.run("python", "-m", "scripts.docs_site.check", "site")
    session.run("python", "-m", "scripts.docs_site.look", "site")


@nox.session
def start(session: nox.Session) -> None:
    """Follow the pages of a first call literally, on the embedded Asterisk and on the packaged 22; all tutorials; Dockerfiles."""
    install(session, "start")
    session.run("python", "-m", "scripts.docs_site.follow", "docs/start/embedded.md", "docs/start/your-asterisk.md")
    session.run("python", "-m", "scripts.docs_site.follow_tutorials")
    session.run("python", "-m", "scripts.docs_site.follow_images")


@nox.session
def release(session: nox.Session) -> None:
    """Build wheel and sdist into dist/, check them, run the README's programs from each, list what they need."""
    install(session, "release", package=False)
    shutil.rmtree(ROOT / "dist", ignore_errors=True)
    session.run("python", "-m", "build", "--outdir", "dist", silent=True)
    wheel, sdist = (str(next((ROOT / "dist").glob(pattern))) for pattern in ("*.whl", "*.tar.gz"))
    session.run("twine", "check", "--strict", wheel, sdist)
    session.run("check-wheel-contents", wheel)
    for artifact in (wheel, sdist):
        fresh = Path(session.create_tmp()) / "fresh"
        session.run("virtualenv", "--quiet", "--clear", str(fresh))
        python = str(fresh / "bin" / "python")
        session.run(python, "-m", "pip", "install", "--quiet", artifact, "pytest", "pytest-timeout", external=True)
        programs = [python, "-m", "pytest", "-p", "no:cacheprovider", "tests/reference/test_readme.py"]
        session.run(*programs, env={"PYTHONPATH": None, "LIVE_SERIES": None}, external=True)
    # In the environment of the sdist: every extra can be had, and what all of them bring along is on record.
    session.run(python, "-m", "pip", "install", "--quiet", f"{wheel}[all]", external=True)
    listed = session.run(python, "-m", "scripts.dependencies", "asterisk-ari", external=True, silent=True)
    (ROOT / "dist/dependencies.txt").write_text(str(listed), encoding="utf-8")


@nox.session
def docs_version(session: nox.Session) -> None:
    """Add the documentation of this version to the others, on the local branch gh-pages; `mike serve` shows it."""
    install(session, "docs")
    version = ".".join(PYPROJECT["project"]["version"].split(".")[:2])
    session.run("mike", "deploy", "--update-aliases", version, "latest", env={"NO_MKDOCS_2_WARNING": "1"})
    session.run("mike", "set-default", "latest")


@nox.session
def bench(session: nox.Session) -> None:
    """Measure beside the limit and other clients, print ratios, assert nothing: 6 minutes, 2 with `-- --quick`."""
    install(session, "bench")
    session.run("python", "-m", "scripts.bench", *session.posargs)


@nox.session
def capacity(session: nox.Session) -> None:
    """What a deployment can bear (docs/scale.md): `-- measure`, `-- check`, `-- plan --flow menu --calls 10000`, `-- page`."""
    install(session, "capacity")
    session.run("python", "-m", "scripts.capacity", *session.posargs)


@nox.session
def chaos(session: nox.Session) -> None:
    """Ten minutes of calls on two Asterisks while workers are killed, and what became of each call; `-- --short`: one minute."""
    install(session, "capacity")
    session.run("python", "-m", "scripts.chaos", *session.posargs)
