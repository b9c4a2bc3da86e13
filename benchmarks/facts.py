"""What each program does beside being fast: seen by doing it, on 20 skills of 10 files, once for every question.

Nothing here is from a manual: each answer is what a project looked like after the experiment.
"""

import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from benchmarks.laboratory import NEW, Laboratory, NotInstalledError, read_tree
from benchmarks.peers import CONTEXT, OURS, PEERS
from benchmarks.programs import Programs

SUBJECT = "What was seen of each program, on 20 skills of 10 files in a directory"
_KILLS = 12
_FILE = "skills/skill-0/references/text-1.md"
_OTHER = "skills/skill-1/references/text-1.md"
_EDIT, _ANEW, _MINE = "\nMy line.\n", "# Text 1, anew", "# Mine\n\nMy own line.\n"
_AS_SOMEBODY = ("-c", "user.name=b", "-c", "user.email=b@example.org")
_NO_COMMAND = "no command"
_SYNCS = "fsync,fdatasync,syncfs,sync,sync_file_range"

Facts = Mapping[str, Mapping[str, str]]  # by question and by program


def observe(folder: Path, programs: Programs) -> Facts:
    """The answers."""
    there = [peer for peer in (OURS, *PEERS) if peer.name in programs.versions]
    laboratories = [Laboratory(folder / peer.name, peer, programs) for peer in there]
    return {question: {each.peer.name: _ask(ask, each) for each in laboratories} for question, ask in QUESTIONS.items()}


def _ask(ask: Callable[[Laboratory], str], lab: Laboratory) -> str:
    try:
        return ask(lab)
    except NotInstalledError as error:
        return str(error)


def _ask_words(lab: Laboratory) -> str:
    return ", ".join(dict.fromkeys((lab.peer.install[0], lab.peer.again[0])))


def _ask_lock(lab: Laboratory) -> str:
    tree = read_tree(lab.begin())
    found = [name for name, data in tree.items() if "/" not in name and re.search(rb"\b[0-9a-f]{64}\b", data)]
    return ", ".join(found) or "nowhere"


def _ask_bytes(lab: Laboratory) -> str:
    project = lab.begin()
    given, got = read_tree(project.parent / "pack" / lab.peer.skills), read_tree(project / ".claude" / "skills")
    changed = sum(got.get(path) != data for path, data in given.items())
    return f"{changed} of {len(given)} rewritten" if changed else "as they are"


def _ask_again(lab: Laboratory) -> str:
    project = lab.begin()
    lab.run(project, lab.peer.again)  # what it only does once after an install, it has done
    before = _stamp(project)
    lab.run(project, lab.peer.again)
    after = _stamp(project)
    written = sum(before.get(path) != stamp for path, stamp in after.items())
    return f"{written} of {len(after)}" if written else "none"


def _ask_edit(lab: Laboratory) -> str:
    project = lab.begin()
    _edit(project)
    lab.run(project, lab.peer.again)
    return "kept" if _has(project, _EDIT) else "lost"


def _ask_merge(lab: Laboratory) -> str:
    project = lab.begin()
    _edit(project)
    pack = lab.lay(project.parent, NEW)
    shutil.rmtree(pack / lab.peer.skills)
    shutil.copytree(lab.begin().parent / "pack" / lab.peer.skills, pack / lab.peer.skills)
    path = pack / lab.peer.skills / _FILE.removeprefix("skills/")
    path.write_text(path.read_text(encoding="utf-8").replace("# Text 1", _ANEW), encoding="utf-8")
    lab.run(project, lab.peer.again)
    if not _has(project, _EDIT):
        return "lost"
    if _has(project, _ANEW):
        return "merged"
    beside = _find(project, _ANEW)
    return f"kept; the new in {Path(beside[0]).name}" if beside else "kept, without the new"


def _ask_own_file(lab: Laboratory) -> str:
    project = lab.begin()
    own = project / ".claude" / "skills" / "skill-2" / "own.md"
    own.write_text("Mine.\n", encoding="utf-8")
    lab.lay(project.parent, NEW)
    lab.run(project, lab.peer.again)
    return "kept" if own.is_file() else "lost"


def _ask_gate(lab: Laboratory) -> str:
    if not lab.peer.gate:
        return _NO_COMMAND
    project = lab.begin()
    clean = lab.run(project, lab.peer.gate)
    _edit(project)
    edited = lab.run(project, lab.peer.gate)
    project = lab.begin()
    (project / ".claude" / _OTHER).unlink()
    absent = lab.run(project, lab.peer.gate)
    if clean:
        return f"exit {clean} without any"
    told = [what for what, status in (("edits", edited), ("absences", absent)) if status]
    return " and ".join(told) or "neither"


def _ask_context(lab: Laboratory) -> str:
    name, text = lab.peer.context
    if not name:
        return "has none"
    project = lab.begin(has_installed=False)
    path = project.parent / "pack" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    (project / "CLAUDE.md").write_text(_MINE, encoding="utf-8")
    lab.run(project, lab.peer.install)
    after = (project / "CLAUDE.md").read_text(encoding="utf-8")
    if _MINE.strip() not in after:
        return "replaces yours"
    if CONTEXT in after:
        return "added to it"
    found = _find(project, CONTEXT)
    return f"in {found[0].removeprefix('.claude/')}" if found else "left out"


def _ask_kill(lab: Laboratory) -> str:
    """Kill an update at so many moments of the time that it takes, then run it again to its end."""
    old = read_tree(lab.begin() / ".claude")
    project = lab.begin()
    lab.lay(project.parent, NEW)
    start = time.perf_counter()
    lab.run(project, lab.peer.again)
    taken = time.perf_counter() - start
    new = read_tree(project / ".claude")
    mixed = mended = littered = 0
    for number in range(_KILLS):
        project = lab.begin()
        lab.lay(project.parent, NEW)
        process = lab.start(project, lab.peer.again)
        time.sleep(taken * (number + 0.5) / _KILLS)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        if read_tree(project / ".claude") not in (old, new):
            mixed += 1
            after = _update(lab, project)
            mended += after.items() >= new.items()
            littered += not after.keys() <= new.keys()
    if not mixed:
        return f"0 of {_KILLS}"
    return f"{mixed} of {_KILLS}; mended {mended}" + (f", litter in {littered}" if littered else "")


def _ask_clone(lab: Laboratory) -> str:
    new = _update(lab, lab.begin())
    project = lab.begin()
    clone = lab.begin(has_installed=False)
    clone.rmdir()
    commit = [*_AS_SOMEBODY, "commit", "-qm", "Begin"]
    for words in (["init", "-q"], ["add", "-A"], commit, ["clone", "-q", ".", str(clone)]):
        subprocess.run(["git", *words], cwd=project, env=lab.environment, check=True)  # noqa: S607 - as its user does
    if _update(lab, clone).items() >= new.items():
        return "arrives"
    after = read_tree(clone / ".claude")
    absent, stale = len(new.keys() - after.keys()), sum(after.get(path, data) != data for path, data in new.items())
    told = f"{absent} of {len(new)} deleted" if absent else f"{stale} of {len(new)} left old"
    return told + ("; there at a second run" if _update(lab, clone).items() >= new.items() else "")


def _update(lab: Laboratory, project: Path) -> dict[str, bytes]:
    """Bring the new version, and look at what is there."""
    lab.lay(project.parent, NEW)
    lab.run(project, lab.peer.again)
    return read_tree(project / ".claude")


def _ask_disk(lab: Laboratory) -> str:
    strace = shutil.which("strace")
    if not strace:
        return "not looked: no strace"
    project = lab.begin(has_installed=False)
    log = project.parent / "calls"
    lab.run(project, lab.peer.install, (strace, "-f", "-qq", "-o", str(log), "-e", f"trace={_SYNCS}"))
    calls = [line for line in log.read_text(encoding="utf-8").splitlines() if "sync" in line and "resumed" not in line]
    return f"yes, by {len(calls)} calls" if calls else "no"


def _ask_beside(lab: Laboratory) -> str:
    project = lab.begin()
    beside = [path for path in read_tree(project) if not path.startswith(".claude/skills/")]
    return str(len(beside)) if beside else "none"


def _ask_removal(lab: Laboratory) -> str:
    if not lab.peer.remove:
        return _NO_COMMAND
    project = lab.begin()
    lab.run(project, lab.peer.remove)
    left = [path.relative_to(project).as_posix() for path in project.rglob("*")]
    skills = sum(1 for path in left if path.endswith(".md"))
    return f"{skills} of its files" if skills else f"{len(left)} paths, no skill" if left else "nothing"


def _ask_elsewhere(lab: Laboratory) -> str:
    if not lab.peer.elsewhere:
        return "no"
    project = lab.begin(has_installed=False)
    lab.run(project, lab.peer.elsewhere)
    return "yes" if _find(project, "name: skill-0\n") else "no"


QUESTIONS: Mapping[str, Callable[[Laboratory], str]] = {
    "It installs, and updates, by": _ask_words,
    "The files, as installed": _ask_bytes,
    "Other files than the skills'": _ask_beside,
    "Their hashes are in": _ask_lock,
    "Synced to the disk": _ask_disk,
    "Files that a no-op writes": _ask_again,
    "Your edit, after a no-op": _ask_edit,
    "Your edit, and a new version of the file": _ask_merge,
    "Your own file in a skill, after an update": _ask_own_file,
    "Text for CLAUDE.md, where you have one": _ask_context,
    "Its gate for CI tells of": _ask_gate,
    "An update cut by kill -9, left half done": _ask_kill,
    "An update in a git clone": _ask_clone,
    "An uninstall leaves": _ask_removal,
    "The same skills for Codex": _ask_elsewhere,
}


def _stamp(project: Path) -> dict[str, int]:
    """When each file was made or written last; an inode may come back, and a copy may keep its other times."""
    return {str(path): path.stat().st_ctime_ns for path in project.rglob("*") if path.is_file()}


def _edit(project: Path) -> None:
    with (project / ".claude" / _FILE).open("a", encoding="utf-8") as stream:
        stream.write(_EDIT)


def _has(project: Path, text: str) -> bool:
    path = project / ".claude" / _FILE
    return path.is_file() and text in path.read_text(encoding="utf-8")


def _find(project: Path, text: str) -> list[str]:
    """The files that have a text, but for the copy of a package that apm keeps to itself."""
    tree = read_tree(project)
    return [name for name, data in tree.items() if text.encode() in data and not name.startswith("apm_modules/")]
