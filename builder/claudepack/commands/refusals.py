"""What a run refuses before it writes anything: packs that clash, and files that are in the way."""

from collections.abc import Mapping

from claudepack.commands.gathering import Gathered
from claudepack.commands.options import Opened
from claudepack.errors import ClaudepackError, CollisionError
from claudepack.hashing import read_plain
from claudepack.plan.clashes import refuse_shared_agents, refuse_shared_calls, refuse_shared_paths, refuse_unmet
from claudepack.plan.project import Plan, Step
from claudepack.plan.wanted import Wanted
from claudepack.project.claude_md import parse_claude_md
from claudepack.project.disk import read_bytes, walk_files
from claudepack.project.location import LOCK, Project
from claudepack.report.diffs import count_lines, diff_texts
from claudepack.report.text import count_things

_SHOWN = 40
_WIDTH = 110


def refuse_clashes(opened: Opened, gathered: Gathered) -> None:
    """Refuse packs that cannot be together, or not in this project.

    Raises:
        ClaudepackError: Naming both sides.
    """
    refuse_shared_paths(gathered.wanted)
    refuse_unmet(gathered.wanted)
    if not gathered.read:
        return
    managed = {path for pack in opened.lock.packs.values() for path in pack.files}
    managed |= {path for want in gathered.wanted.values() for path in want.files}
    prefix = opened.project.prefix
    there = [
        path for folder in ("agents", "commands", "skills") for path in walk_files(opened.project, prefix + folder)
    ]
    _refuse_twins(opened, gathered, [path for path in there if path not in managed])


def refuse_orphans(opened: Opened, plan: Plan, gathered: Gathered) -> None:
    """Refuse to leave to its user what a pack delivers elsewhere by its name: the next run would refuse to go on.

    Raises:
        ClaudepackError: Naming both places.
    """
    if gathered.read and (orphans := plan.paths("orphan")):
        _refuse_twins(opened, gathered, orphans)


def _refuse_twins(opened: Opened, gathered: Gathered, own: list[str]) -> None:
    delivered = dict(gathered.agents)
    for name, want in gathered.wanted.items():
        if name not in delivered:
            delivered[name] = _read_agents(opened.project, list(want.files))
    refuse_shared_agents(delivered, _read_agents(opened.project, own))
    refuse_shared_calls(gathered.wanted, own, opened.project.prefix)


def _read_agents(project: Project, paths: list[str]) -> dict[str, str]:
    """The path of each agent name among files on the disk; one that cannot be read the client skips too."""
    heads = [path for path in paths if path.startswith(f"{project.prefix}agents/") and path.endswith(".md")]
    if not heads:
        return {}
    from claudepack.pack.frontmatter import read_document

    agents: dict[str, str] = {}
    for path in heads:
        try:
            name = read_document(read_plain(project.locate(path), path), path).metadata.get("name")
        except (ClaudepackError, OSError):
            continue
        if isinstance(name, str):
            agents.setdefault(name, path)
    return agents


def refuse_collisions(opened: Opened, plan: Plan, wanted: Mapping[str, Wanted]) -> None:
    """Refuse to go on where somebody else's files are in the way, and show how each differs.

    Raises:
        CollisionError: Naming them.
    """
    steps = [step for step in plan.steps if step.action == "collision"]
    if not steps:
        return
    lines: list[str] = []
    for step in steps:
        lines += _compare(opened.project, step, wanted[step.pack])
    more = len(lines) - _SHOWN
    listed = "\n  ".join(lines[:_SHOWN] + ([f"… and {more} more lines"] if more > 0 else []))
    way_out = (
        "move what is no plain file away, with what is yours in it, then run this again"
        if all(step.detail for step in steps)
        else "--adopt keeps yours, and manages them from now on as your edits\n"
        "  --replace takes the pack's, and keeps yours in .claudepack/replaced/\n"
        "  for single files: --adopt PATH … --replace PATH …"
    )
    if not opened.has_lock and opened.has_manifest:
        way_out += f"\n  if the lock was deleted: git show HEAD:{LOCK} > {LOCK}"
    raise CollisionError(
        f"files to install are there already, and differ ({len(steps)}):\n  {listed}",
        hint=way_out,
        paths=tuple(step.path for step in steps),
    )


def _compare(project: Project, step: Step, want: Wanted) -> list[str]:
    if step.detail:
        return [f"{step.path}  {step.detail}"]
    theirs, ours = _read_theirs(project, step, want)
    diff = diff_texts(ours, theirs, f"{step.path} (yours)", f"{step.path} ({step.pack})", context=0)
    if len(diff) <= 1:
        return [f"{step.path}  {count_things(len(ours), 'byte')} of yours, {len(theirs)} of {step.pack}"]
    taken, put = count_lines(diff)
    return [
        f"{step.path}  {_count(taken)} of yours, {_count(put)} of {step.pack}",
        *(_cut("  " + line) for line in diff[2:]),
    ]


def _count(lines: int) -> str:
    return f"{lines} line" + "s" * (lines != 1)


def _cut(line: str) -> str:
    return line if len(line) <= _WIDTH else line[: _WIDTH - 1] + "…"


def _read_theirs(project: Project, step: Step, want: Wanted) -> tuple[bytes, bytes]:
    """What the pack delivers to a path, and what is there."""
    data = read_bytes(project, step.path) or b""
    if step.path in want.files:
        return want.files[step.path].read(), data
    blocks = parse_claude_md(data, step.path).blocks.get(step.pack)
    if blocks:
        data = data[blocks[0].body_start : blocks[0].body_end]
    return want.body or b"", data
