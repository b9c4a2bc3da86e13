"""What a run changed in a clone, brought to its repository: a commit, a push, a pull request."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace

from claudepack.commands.options import Opened
from claudepack.errors import ClaudepackError
from claudepack.fleet.clone import OWN_BRANCHES, Clone
from claudepack.fleet.commit import MARK, Mark, drop, find_edits, make_commit, push, read_mark
from claudepack.fleet.proposals import Proposal, open_host
from claudepack.fleet.spec import CONFLICTS, RepositoryReport, RepositorySpec
from claudepack.fleet.texts import read_template, render
from claudepack.pack.components import estimate_session_tokens, find_components
from claudepack.pack.parts import leave_out
from claudepack.project.location import Project
from claudepack.project.lock import load_lock
from claudepack.project.manifest import EMPTY, read_manifest
from claudepack.report.result import Result
from claudepack.source.places import Found
from claudepack.urls import strip_credentials

_DIGITS = 12


def deliver(
    spec: RepositorySpec, clone: Clone, opened: Opened, result: Result, found: Mapping[str, Found]
) -> RepositoryReport:
    """Commit and push what a run changed, unless somebody has to decide about it.

    Args:
        spec: What is asked.
        clone: Where it was done; its heads are afterwards what the repository has.
        opened: The project as it was.
        result: What was done.
        found: The packs that were read for it.

    Raises:
        ClaudepackError: The repository refuses.
    """
    report = RepositoryReport(
        url=strip_credentials(spec.url),
        path=spec.path,
        key=spec.key,
        exit=result.exit,
        state="conflict" if result.exit == CONFLICTS else "unchanged",
        packs=result.packs,
        changes=result.changes,
        conflicts=result.conflicts,
        notices=result.notices,
    )
    edits = find_edits(clone) if result.exit == 0 else []
    if not edits:
        return report
    if spec.delivery == "direct" and not clone.heads.branch:
        raise ClaudepackError(
            f"{spec.name}: it does not say which branch is its own", code="not-found", hint="name one in the fleet file"
        )
    mark = Mark(_digest(spec, clone, opened), clone.heads.branch or "HEAD", spec.path or ".")
    branch = clone.heads.branch if spec.delivery == "direct" else OWN_BRANCHES + mark.digest
    marks = {name: read_mark(clone, name) for name in clone.heads.ours}
    report = replace(report, branch=branch)
    if branch in marks and marks[branch] is None:
        told = f"{branch} has commits of somebody else, and stays as it is"
        return replace(report, state="held", changes=(), notices=(*report.notices, told))
    message = _write_message(spec, result, mark)
    report = replace(report, commit=make_commit(clone, edits, message, spec.author))
    if spec.delivery == "none":
        return replace(report, state="ready")
    superseded = [name for name, other in marks.items() if other and name != branch and other[1:] == mark[1:]]
    return _send(spec, clone, report, superseded, _describe(opened.project, result, found, message))


def _send(
    spec: RepositorySpec, clone: Clone, report: RepositoryReport, superseded: list[str], told: Mapping[str, object]
) -> RepositoryReport:
    """Push, propose, and take away what this takes the place of: whatever of it a run that was killed has left."""
    if clone.heads.ours.get(report.branch) == report.commit:
        report = replace(report, state="proposed", changes=())
    else:
        gone = [] if spec.pull_request else superseded  # their pull requests are closed first, and say why
        push(clone, report.commit, report.branch, gone, is_direct=spec.delivery == "direct")
        superseded = [name for name in superseded if name not in gone]
        report = replace(report, state="pushed")
    if spec.pull_request and spec.delivery == "branch":
        body = render(read_template("pull-request"), told, "the pull request").strip() + "\n"
        base = clone.heads.branch
        proposal = Proposal(spec.url, report.branch, base, str(told["title"]), body, tuple(superseded))
        place = open_host(spec.url, spec.pull_request, clone.until).propose(proposal)
        closed = () if place else (f"the pull request of {report.branch} was closed, and stays so",)
        report = replace(report, pull_request=place, notices=(*report.notices, *closed))
    if superseded:
        drop(clone, superseded)
    return report


def _digest(spec: RepositorySpec, clone: Clone, opened: Opened) -> str:
    """What is wanted, as a word: whatever the commit is that it is brought to."""
    lock = load_lock(opened.project)
    packs = {
        name: [pack.version, pack.digest, pack.requested, dict(pack.variables)] for name, pack in lock.packs.items()
    }
    wanted = json.dumps([clone.heads.branch, spec.path, packs], sort_keys=True)
    return hashlib.sha256(wanted.encode()).hexdigest()[:_DIGITS]


def _write_message(spec: RepositorySpec, result: Result, mark: Mark) -> str:
    values = {
        "packs": result.packs,
        "changed": [pack for pack in result.packs if pack.version != pack.previous],
        "changes": [change for change in result.changes if change.action != "keep"],
        "action": spec.action,
    }
    text = render(spec.message or read_template("commit"), values, "the commit message").strip()
    trailers = [f"{MARK}: {' '.join(mark)}", *([f"Signed-off-by: {spec.author}"] if spec.sign_off else [])]
    return "\n\n".join([text, "\n".join(trailers)]) + "\n"


def _describe(project: Project, result: Result, found: Mapping[str, Found], message: str) -> dict[str, object]:
    """What a pull request says."""
    updates = result.extra.get("updates", [])
    rows = [row for row in updates if isinstance(row, dict)] if isinstance(updates, list) else []
    entries = (read_manifest(project) or EMPTY).packs
    for pack in result.packs:
        if not pack.previous and pack.name in found:
            left_out = entries[pack.name].exclude if pack.name in entries else ()
            components = find_components(leave_out(found[pack.name].pack, left_out))
            rows.append({"name": pack.name, "tokens": sum(map(estimate_session_tokens, components))})
    return {
        "title": message.partition("\n")[0],
        "packs": result.packs,
        "changes": [change for change in result.changes if change.action != "keep"],
        "updates": rows,
    }
