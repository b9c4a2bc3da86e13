"""`claudepack doctor`: what is wrong here, and what to do about it."""

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from claudepack.apply.site import is_in_use
from claudepack.commands.options import Opened, add_output, add_project, list_notices, open_project
from claudepack.commands.status import advise
from claudepack.errors import ClaudepackError
from claudepack.project.location import LOCK, MANIFEST, Project, find_project
from claudepack.project.state import DRIFT, examine, find_stale
from claudepack.report.result import Result

EXAMPLES = """examples:
  claudepack doctor          in the project that gives you trouble
  claudepack doctor --json   to go with a report of a defect"""

_SECONDS = 10
OK, NOTE, WRONG = "ok", "note", "wrong"


class Check(NamedTuple):
    """One thing that was looked at: `note` is worth knowing, `wrong` fails the run."""

    name: str
    state: str
    found: str
    advice: str = ""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the verb takes."""
    add_project(parser)
    add_output(parser)


def run(arguments: argparse.Namespace) -> Result:
    """Look at everything that claudepack needs; exit 1 if something is wrong.

    Raises:
        ClaudepackError: The project's directory is not there.
    """
    project = find_project(arguments.project, user=arguments.user)
    checks = [*_check_programs(), _check_environments(project), _check_writable(project), _check_runs(project)]
    checks += _check_project(arguments)
    wrong = sum(check.state == WRONG for check in checks)
    width = max(len(check.name) for check in checks)
    lines = []
    for check in checks:
        lines.append(f"{check.name:<{width}}  {check.state:<5}  {check.found}")
        lines += [" " * (width + 9) + check.advice] if check.advice else []
    lines.append(f"{wrong} to mend" if wrong else "nothing is wrong")
    return Result(
        "doctor",
        exit=1 if wrong else 0,
        lines=tuple(lines),
        extra={"checks": [check._asdict() for check in checks]},
    )


def _check_programs() -> Iterator[Check]:
    from claudepack import __version__
    from claudepack.commands.client import find_client_version

    yield Check("claudepack", OK, f"{__version__} in {Path(__file__).parents[1]}")
    yield Check("python", OK, f"{sys.version.split()[0]} ({sys.executable})")
    yield _check_answer(
        "git", ["git", "--version"], "git merges edits with new versions: without it they are conflicts"
    )
    yield _check_answer(
        "pip",
        [sys.executable, "-P", "-m", "pip", "--version"],  # -P: what lies in the project must not pass for pip
        "only packs from an index need it: install it beside claudepack",
    )
    client = find_client_version()
    advice = "" if client else "what packs require of it is not checked; install it, or put `claude` on the PATH"
    yield Check("claude code", OK if client else NOTE, client or "not on the PATH", advice)


def _check_answer(name: str, words: list[str], advice: str) -> Check:
    if not shutil.which(words[0]):
        return Check(name, NOTE, "not on the PATH", advice)
    try:
        done = subprocess.run(words, capture_output=True, text=True, errors="replace", timeout=_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return Check(name, NOTE, str(error), advice)
    if done.returncode:
        return Check(name, NOTE, (done.stderr.strip() or "no answer").splitlines()[-1], advice)
    return Check(name, OK, (done.stdout.strip() or "no answer").splitlines()[0])


def _check_environments(project: Project) -> Check:
    from claudepack.source.bundled import list_bundled
    from claudepack.source.environment import find_installed, list_environments

    root = Path(project.root)
    folders = ", ".join(map(str, list_environments(root))) or "none"
    names = ", ".join(sorted({*find_installed(root), *list_bundled()}))
    return Check("packs", OK, f"{names} (with claudepack, or installed in {folders})")


def _check_writable(project: Project) -> Check:
    folder = project.root
    while not os.path.exists(folder):
        folder = os.path.dirname(folder)
    folders = [folder, *(path for path in (project.locate(project.prefix),) if os.path.isdir(path))]
    closed = [path for path in dict.fromkeys(folders) if not os.access(path, os.W_OK | os.X_OK)]
    if closed:
        return Check("writable", WRONG, f"not {', '.join(closed)}", "change its owner or its mode")
    return Check("writable", OK, f"{shutil.disk_usage(folder).free >> 20} MiB free")


def _check_runs(project: Project) -> Check:
    if notices := list_notices(project):
        return Check("runs", WRONG, notices[0], "claudepack sync")
    if is_in_use(project.root, project.git_root):
        return Check("runs", NOTE, "one is going on here, or was killed before it changed anything", "claudepack sync")
    return Check("runs", OK, "none was cut short")


def _check_project(arguments: argparse.Namespace) -> Iterator[Check]:
    try:
        opened = open_project(arguments)
        yield _describe_project(opened)
        yield _check_rest(opened)
    except ClaudepackError as error:
        yield Check("project", WRONG, error.message, error.hint)


def _describe_project(opened: Opened) -> Check:
    root, git_root = opened.project.root, opened.project.git_root
    where = root + ("" if git_root == root or not git_root else f", in the git repository {git_root}")
    if not opened.has_manifest:
        return Check("project", NOTE, f"{where}: no {MANIFEST}", "claudepack install backend makes one")
    if not git_root and not opened.project.prefix:
        where += ", your own"
    return Check("project", OK, where)


def _check_rest(opened: Opened) -> Check:
    if opened.manifest.packs and not opened.has_lock:
        return Check("lock", WRONG, f"no {LOCK}", f"git show HEAD:{LOCK} > {LOCK}, then: claudepack sync")
    states = examine(opened.project, opened.lock)
    bad = [f"{state.path} ({state.state})" for state in states if state.state in DRIFT]
    bad += [f"{name} (the lock does not answer the manifest)" for name in find_stale(opened.manifest, opened.lock)]
    if bad:
        return Check("lock", WRONG, ", ".join(bad), advise(states))
    return Check(
        "lock", OK, ", ".join(f"{name} {pack.version}" for name, pack in opened.lock.packs.items()) or "no packs"
    )
