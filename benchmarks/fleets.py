"""The scene of many repositories: cloned, changed, committed and pushed, against a shell loop that pushes the same."""

import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

from benchmarks.timing import TOOL, Measured, make_environment, run

REPOSITORIES, FEW, JOBS = 100, 10, 4
_WHO = {"GIT_AUTHOR_NAME": "b", "GIT_AUTHOR_EMAIL": "b@example.org"}
_COMMITTER = {"GIT_COMMITTER_NAME": "b", "GIT_COMMITTER_EMAIL": "b@example.org"}
# What somebody writes who has no such tool: a shallow clone, a copy, a commit, a push of a branch.
_ONE = """
work=$(mktemp -d "$2/work.XXXXXX") && git clone -q --depth=1 "$1" "$work/clone" && cp -r "$3/." "$work/clone/" &&
git -C "$work/clone" add -A && git -C "$work/clone" commit -q -m "Update the packs" &&
git -C "$work/clone" push -q origin HEAD:refs/heads/packs && rm -rf "$work"
"""
_LOOP = f"""
ls -d "$1"/*.git | sed 's#^#file://#' | xargs -P {JOBS} -I '{{}}' sh -c "$4" sh '{{}}' "$2" "$3"
"""


def prepare_fleet(base: Path) -> Callable[[Path], Mapping[str, Measured]]:
    """One repository with a few hundred files, of which each round has two sets of copies."""
    environment = {**make_environment(base / "home"), **_WHO, **_COMMITTER}
    (base / "home").mkdir(parents=True)
    _make_template(base, environment)
    tree = base / "tree"
    tree.mkdir()
    run([TOOL, "install", "backend"], tree, environment)

    def measure(folder: Path) -> Mapping[str, Measured]:
        for name, count in (("floor", REPOSITORIES), ("ours", REPOSITORIES), ("few", FEW)):
            for number in range(count):
                shutil.copytree(base / "template.git", folder / name / f"r{number:03}.git")
        (folder / "fleet.toml").write_text('[packs]\nbackend = ">=1"\n')
        own = {**environment, "XDG_CACHE_HOME": str(folder / "cache")}
        words = [TOOL, "fleet", "sync", "--jobs", str(JOBS), "--glob"]
        loop = ["sh", "-c", _LOOP, "sh", str(folder / "floor"), str(folder), str(tree), _ONE]
        return {
            "a shell loop": run(loop, folder, environment),
            "fleet of 10": run([*words, "few/*"], folder, own),
            "fleet of 100": run([*words, "ours/*"], folder, own),
            "again": run([*words, "ours/*"], folder, own),
        }

    return measure


def _make_template(base: Path, environment: Mapping[str, str]) -> None:
    work = base / "work"
    for number in range(300):
        path = work / f"src/part-{number // 20}/file-{number}.c"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"int function_{number}(void) {{ return {number}; }}\n" * 20)
    (work / "CLAUDE.md").write_text("# A project\n")
    for words in (
        ["init", "-q", "-b", "main"],
        ["add", "-A"],
        ["commit", "-q", "-m", "Begin"],
        ["clone", "-q", "--bare", ".", "../template.git"],
        ["-C", "../template.git", "config", "uploadpack.allowFilter", "true"],
    ):
        subprocess.run(["git", *words], cwd=work, env=dict(environment), check=True)  # noqa: S607 - as its user does
