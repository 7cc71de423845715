"""Regenerate the client: `nox -s regenerate [-- URL | DIR | --check]`.

Without an argument from `swagger/`. With an address, from the definitions of that running Asterisk (credentials in
ARI_USERNAME and ARI_PASSWORD); with a folder, from definition files. `--check` writes nothing and fails when the
checkout is stale.
"""

import argparse
import io
import sys
from pathlib import Path

from scripts import availability, changes, download, event_views, facts, generate, unasync, union, verify
from scripts.errors import RegenerateError
from scripts.facts import Facts

ROOT = Path(__file__).resolve().parent.parent


def main(arguments: list[str] | None = None, root: Path = ROOT) -> int:
    """Run, print what changed, and return the exit code; a failure is one line and leaves everything as it was."""
    parser = argparse.ArgumentParser(prog="nox -s regenerate --", description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("source", nargs="?", help="http(s)://HOST:PORT of a running Asterisk, or a folder of definitions")
    parser.add_argument("--check", action="store_true", help="write nothing; fail when the checkout is stale")
    parser.add_argument("--release", help="release of a folder whose name does not tell it")
    options = parser.parse_args(arguments)
    try:
        if options.check and options.source:
            raise RegenerateError("--check takes no source: it compares the checkout with swagger/")
        if options.check:
            return check(root)
        return regenerate(root, _read_source(options.source, options.release))
    except RegenerateError as error:
        return _failed(str(error))
    except OSError as error:
        return _failed(f"{error}: nothing was changed; can this folder be written, and has the disk room?")
    except KeyboardInterrupt:
        return _failed("interrupted: nothing was changed; run it again")


def _failed(why: str) -> int:
    print(f"regenerate: {' '.join(why.split())}", file=sys.stderr)
    return 1


def _read_source(source: str | None, release: str | None) -> Facts | None:
    if source is None:
        return None
    if "://" in source:
        return download.from_server(source)
    return download.from_folder(Path(source), release)


def regenerate(root: Path, extra: Facts | None = None) -> int:
    """Generate aside, swap in, convert the sync variant; with new facts, file them and say what they change."""
    swagger = root / "swagger"
    before = facts.load_all(swagger)
    inputs = generate.Inputs(swagger, extra)
    with generate.aside(root / "generated") as folder:
        package = generate.generate(inputs, folder)
        texts = event_views.render_all(root, inputs.corrected, inputs.words)
        if extra is not None:
            texts[facts.path_of(swagger, extra["release"])] = facts.dump(extra)
            texts[swagger / "availability.json"] = availability.dump(inputs.availability)
        texts[swagger / "LOCK.toml"] = generate.lock(inputs)
        unasync.convert_all(check=False)  # may fail: before anything is swapped
        generate.swap({package: root / "generated" / generate.PACKAGE, **_written(texts, folder)})
    print(verify.table(inputs.releases))
    if extra is not None:
        _report(before, inputs.releases, extra)
    for line in dict.fromkeys(generate.check_words(inputs.words)):
        print(f"no description: {line}")
    print(f"generated/{generate.PACKAGE} is made from {len(inputs.releases)} releases, fingerprint {inputs.fingerprint[:12]}")
    return 0


def _written(texts: dict[Path, str], folder: Path) -> dict[Path, Path]:
    """Write texts aside; returns where each is, and where it belongs."""
    found = {}
    for target, text in texts.items():
        aside = folder / target.name
        aside.write_text(text, encoding="utf-8")
        found[aside] = target
    return found


def _report(before: list[Facts], after: list[Facts], extra: Facts) -> None:
    same = [item for item in before if item["release"] == extra["release"]]
    drift = changes.changes(same[0], extra) if same else []
    if same and not drift:
        print(f"the server's {extra['release']} is as swagger/ has it" if same[0] == extra else f"{extra['release']}: order only")
    for line in drift:
        print(f"drift of {extra['release']}: {line}")
    merged = union.merge(after)
    for line in changes.disagreements(extra, merged):
        print(f"a newer release says otherwise than {extra['release']}, and the client follows it: {line}")
    effect = changes.changes(union.merge(before), merged)
    breaking = sum(map(changes.is_breaking, effect))
    print(f"the client: {len(effect)} changes, {breaking} breaking" if effect else "the client: nothing changed")
    for line in effect:
        print(f"  {line}")


def check(root: Path) -> int:
    """Name what is stale: generated files, LOCK, sync variant, event views, descriptions."""
    inputs = generate.Inputs(root / "swagger")
    with generate.aside(root / "generated") as folder:
        package = generate.generate(inputs, folder)
        stale = [f"generated/{name}" for name in _prefixed(generate.differences(package, root / "generated" / generate.PACKAGE))]
    lock = root / "swagger" / "LOCK.toml"
    if not lock.exists() or lock.read_text(encoding="utf-8") != generate.lock(inputs):
        stale.append("swagger/LOCK.toml")
    for item in inputs.releases:
        file = facts.path_of(root / "swagger", item["release"])
        if not file.exists() or file.read_text(encoding="utf-8") != facts.dump(item):
            stale.append(str(file.relative_to(root)))
    for module, text in event_views.render_all(root, inputs.corrected, inputs.words).items():
        if not module.exists() or module.read_text(encoding="utf-8") != text:
            stale.append(str(module.relative_to(root)))
    stale += unasync.convert_all(check=True)
    print(verify.table(inputs.releases))
    words = list(dict.fromkeys(generate.check_words(inputs.words)))
    problems = [*(f"stale: {name}" for name in stale), *words]
    for line in problems:
        print(line, file=sys.stderr)
    if problems:
        first = "write what is asked for above, then " if words else ""
        raise RegenerateError(f"{len(problems)} problems: {first}run `nox -s regenerate` and commit the result")
    return 0


def _prefixed(names: list[str]) -> list[str]:
    return [f"{generate.PACKAGE}/{name}" for name in names]


if __name__ == "__main__":
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # what a terminal cannot show must not end the run
    sys.exit(main())
