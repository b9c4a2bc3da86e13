"""What is measured: each scene runs its processes once a round, in a folder of the round's own.

Nothing is deleted before the end: ext4 does not give a freed inode away for a minute or more, and looks at each
again for every new file, which makes whatever comes next slow.
"""

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from benchmarks.data import install_pack, write_collection, write_large_pack, write_pack
from benchmarks.timing import TOOL, Measured, make_environment, run

Round = Mapping[str, Measured]
FILES = 2000
AGENTS, SKILLS = 200, 180
VERSIONS = ("1.0.0", "1.0.1", "1.1.0")
LARGE = 200_000_000
SOME = 250
_FLOOR = str(Path(__file__).with_name("floor.py"))
COPY, HASH, PASS = "cp -r && sync -f", "sha256sum", "python -c pass"
ZIP = "a zip of the files"
# What the rules of this project have a run use rather than code of its own, and what that needs of Python's.
LIBRARIES = ("argparse", "json", "tomllib", "email.parser", "frontmatter", "filelock", "platformdirs", "tomlkit")
WITH = "with the libraries"


def prepare_small(base: Path) -> Callable[[Path], Round]:
    environment = make_environment(base)
    project = make_folder(base / "project")
    run([TOOL, "install", "backend"], project, environment)

    def measure(folder: Path) -> Round:
        fresh, home = make_folder(folder / "fresh"), make_environment(folder)
        return {
            **run_pass(project, environment),
            "--version": run([TOOL, "--version"], project, environment),
            "--help": run([TOOL, "--help"], project, environment),
            "verify": run([TOOL, "verify"], project, environment),
            "no-op sync": run([TOOL, "sync"], project, environment),
            "first install": run([TOOL, "install", "backend"], fresh, home),
            "uninstall": run([TOOL, "uninstall", "backend"], fresh, home),
        }

    return measure


def prepare_installed(base: Path) -> Callable[[Path], Round]:
    """A pack that pip has installed: what comes next is in another environment, and `update` goes there."""
    packs = _write_packs(base, FILES, VERSIONS)
    places = _install_packs(base, packs, VERSIONS)

    def measure(folder: Path) -> Round:
        project, environment = make_folder(folder / "project"), make_environment(folder)
        seen = copy_pack(packs[0], folder, environment)
        seen["first install"] = run([TOOL, "install", "large"], project, environment | places[0])
        seen |= hash_files(project, environment)
        seen["no-op sync"] = run([TOOL, "sync"], project, environment | places[0])
        seen["one new"] = run([TOOL, "update"], project, environment | places[1])
        seen["all new"] = run([TOOL, "update"], project, environment | places[2])
        seen["uninstall"] = run([TOOL, "uninstall", "large"], project, environment)
        return seen

    return measure


def prepare_directory(base: Path) -> Callable[[Path], Round]:
    """A pack in a directory, as its author has it: also a run that changes nothing has to read it."""
    packs = _write_packs(base, FILES, ("1.0.0", "1.0.0", "1.1.0"))  # a save does not change the version

    def measure(folder: Path) -> Round:
        project, environment = make_folder(folder / "project"), make_environment(folder)
        seen = copy_pack(packs[0], folder, environment)
        (folder / "pack").symlink_to(packs[0])
        seen["first install"] = run([TOOL, "install", "../pack"], project, environment)
        seen |= hash_files(project, environment)
        seen["no-op sync"] = run([TOOL, "sync"], project, environment)
        for step, pack in (("one new", packs[1]), ("all new", packs[2])):
            (folder / "pack").unlink()
            (folder / "pack").symlink_to(pack)
            seen[step] = run([TOOL, "sync"], project, environment)
        return seen

    return measure


def prepare_collection(base: Path) -> Callable[[Path], Round]:
    """A plugin of a marketplace, as it was cloned: what its references lead to is named anew."""
    shop = write_collection(base / "shop", AGENTS, SKILLS)

    def measure(folder: Path) -> Round:
        project, environment = make_folder(folder / "project"), make_environment(folder)
        seen = copy_pack(shop / "box", folder, environment)
        seen |= run_pass(project, environment)
        seen["first install"] = run([TOOL, "install", f"{shop}#box", "--allow", "executables"], project, environment)
        seen["no-op sync"] = run([TOOL, "sync"], project, environment)
        return seen

    return measure


def prepare_some(base: Path) -> Callable[[Path], Round]:
    """A pack of 250 files."""
    [pack] = _write_packs(base, SOME, VERSIONS[:1])
    [place] = _install_packs(base, [pack], VERSIONS[:1])

    def measure(folder: Path) -> Round:
        project, environment = make_folder(folder / "project"), make_environment(folder)
        return {
            **run_pass(project, environment),
            "first install": run([TOOL, "install", "large"], project, environment | place),
            "no-op sync": run([TOOL, "sync"], project, environment | place),
            "uninstall": run([TOOL, "uninstall", "large"], project, environment | place),
        }

    return measure


def prepare_build(base: Path) -> Callable[[Path], Round]:
    """The wheel of a pack, against a program that only zips its files."""
    pack = write_pack(base / "pack", FILES, VERSIONS[0], "one thing", buildable=True)
    zipped = (
        "import sys, zipfile, pathlib; root = pathlib.Path(sys.argv[1])\n"
        "with zipfile.ZipFile(sys.argv[2], 'w', zipfile.ZIP_DEFLATED) as archive:\n"
        "    [archive.write(path, path.relative_to(root)) for path in sorted(root.rglob('*.md'))]\n"
    )

    def measure(folder: Path) -> Round:
        environment = make_environment(make_folder(folder))
        return {
            ZIP: run([sys.executable, "-c", zipped, str(pack), str(folder / "floor.zip")], folder, environment),
            "build": run([TOOL, "build", str(pack), "--output", str(folder / "dist")], folder, environment),
        }

    return measure


def prepare_floor(base: Path) -> Callable[[Path], Round]:
    """What a run cannot do without, as a program of its own; then with the libraries of a run imported before."""
    packs = _write_packs(base, FILES, VERSIONS[1:])

    def measure(folder: Path) -> Round:
        seen = copy_pack(packs[0], make_folder(folder), make_environment(folder))
        for step, pack in (("create", packs[0]), ("replace", packs[1])):
            seen[step] = run_floor(pack, folder / "project", folder)
            seen[f"{step}, {WITH}"] = run_floor(pack, folder / "other", folder, *LIBRARIES)
        return seen

    return measure


def prepare_collection_floor(base: Path) -> Callable[[Path], Round]:
    """The same of a collection."""
    box = write_collection(base / "shop", AGENTS, SKILLS) / "box"

    def measure(folder: Path) -> Round:
        seen = copy_pack(box, make_folder(folder), make_environment(folder))
        seen["create"] = run_floor(box, folder / "project", folder)
        seen[f"create, {WITH}"] = run_floor(box, folder / "other", folder, *LIBRARIES)
        return seen

    return measure


def prepare_sizes(base: Path) -> Callable[[Path], Round]:
    sizes = (FILES, 2 * FILES, 5 * FILES)
    ends = (VERSIONS[0], VERSIONS[2])
    places = {size: _install_packs(base, _write_packs(base, size, ends), ends) for size in sizes}

    def measure(folder: Path) -> Round:
        seen: dict[str, Measured] = {}
        for size in sizes:
            project, environment = make_folder(folder / f"project-{size}"), make_environment(folder / f"home-{size}")
            first, every = (environment | place for place in places[size])
            seen[f"first install of {size:,}"] = run([TOOL, "install", "large"], project, first)
            seen[f"no-op sync of {size:,}"] = run([TOOL, "sync"], project, first)
            if size != sizes[-1]:
                seen[f"all new of {size:,}"] = run([TOOL, "update"], project, every)
        return seen

    return measure


def prepare_large(base: Path) -> Callable[[Path], Round]:
    pack = write_large_pack(base / "pack", LARGE)

    def measure(folder: Path) -> Round:
        project, environment = make_folder(folder / "project"), make_environment(folder)
        return {
            "first install": run([TOOL, "install", str(pack)], project, environment),
            "no-op sync": run([TOOL, "sync"], project, environment),
        }

    return measure


def _write_packs(base: Path, size: int, versions: Sequence[str]) -> list[Path]:
    """A pack, perhaps the same with one other file, and with all others; each with a version."""
    topics: list[str | dict[int, str]] = ["one thing", {size // 2: "another thing"}, "many things"]
    kept = topics if len(versions) == len(topics) else [topics[0], topics[-1]][: len(versions)]
    return [
        write_pack(base / f"{number}-of-{size}", size, version, topic)
        for number, (version, topic) in enumerate(zip(versions, kept, strict=True))
    ]


def _install_packs(base: Path, packs: Sequence[Path], versions: Sequence[str]) -> list[dict[str, str]]:
    """An environment for each pack, as the variable that leads there."""
    return [
        {"VIRTUAL_ENV": str(install_pack(pack, base / f"environment-{pack.name}", version))}
        for pack, version in zip(packs, versions, strict=True)
    ]


def run_pass(folder: Path, environment: Mapping[str, str]) -> dict[str, Measured]:
    """The floor of what starts: a bare Python."""
    return {PASS: run([sys.executable, "-c", "pass"], folder, environment)}


def run_floor(pack: Path, target: Path, folder: Path, *modules: str) -> Measured:
    """The floor of what is done all or nothing."""
    return run([sys.executable, "-I", _FLOOR, str(pack), str(target), *modules], folder, make_environment(folder))


def copy_pack(pack: Path, folder: Path, environment: Mapping[str, str]) -> dict[str, Measured]:
    """The floor of what writes."""
    words = ["sh", "-c", 'cp -r "$1" "$2" && sync -f "$2"', "sh", str(pack), str(folder / "copy")]
    return {COPY: run(words, folder, environment)}


def hash_files(project: Path, environment: Mapping[str, str]) -> dict[str, Measured]:
    """The floor of what looks at all and writes nothing."""
    paths = sorted(str(path) for path in (project / ".claude").rglob("*.md"))
    return {HASH: run(["sha256sum", *paths], project, environment)}


def make_folder(folder: Path) -> Path:
    """Make a folder, and give it back."""
    folder.mkdir(parents=True)
    return folder
