"""The job for one repository: clone, bring it to what is wanted, commit, push. It can be done anywhere, and twice."""

import hashlib
import json
import random
import time
from dataclasses import replace

from claudepack.commands.finding import find_updates
from claudepack.commands.options import Mode, Opened, require_manifest
from claudepack.commands.reconcile import Aim, reconcile
from claudepack.errors import ClaudepackError, CollisionError
from claudepack.fleet.clone import OWN_BRANCHES, Clone, Heads, ask_heads, open_clone
from claudepack.fleet.commit import MARK, find_edits, make_commit, push, read_mark
from claudepack.fleet.fleet_file import compose_manifest
from claudepack.fleet.kept import keep, recall
from claudepack.fleet.packs import Question, ask, find_packs
from claudepack.fleet.spec import CONFLICTS, RepositoryReport, RepositorySpec, report_error
from claudepack.fleet.texts import read_template, render
from claudepack.plan.choices import Choices
from claudepack.plan.merge import NO_BASE
from claudepack.project.lock import EMPTY as EMPTY_LOCK
from claudepack.project.lock import read_lock
from claudepack.project.manifest import EMPTY, Manifest, parse_manifest
from claudepack.report.result import Result
from claudepack.urls import strip_credentials

_RACES = 10
_DIGITS = 12


def sync_repository(spec: RepositorySpec) -> RepositoryReport:
    """Do what is asked of one repository.

    Whatever goes wrong is in the report: what comes of one repository stops no other.
    """
    begin = time.monotonic()
    until = begin + spec.seconds
    failures = races = 0
    while True:
        try:
            report = _run(spec, until)
        except CollisionError as error:
            report = report_error(spec, error, error.paths)
        except ClaudepackError as error:
            report = report_error(spec, error)
            failures, races = failures + (error.code == "network"), races + (error.code == "overtaken")
            pause = random.uniform(0.5, 1.5) * (2 ** (failures - 1) if error.code == "network" else 0.1)  # noqa: S311 - no secret
            is_passing = error.code in ("network", "overtaken")
            if is_passing and failures < spec.tries and races < _RACES and time.monotonic() + pause < until:
                time.sleep(pause)
                continue
        except (OSError, UnicodeError) as error:
            told = ClaudepackError(
                f"{spec.name}: {error}", code="os", hint="check the disk, and the names of its files"
            )
            report = report_error(spec, told)
        return replace(report, seconds=time.monotonic() - begin)


def _run(spec: RepositorySpec, until: float) -> RepositoryReport:
    heads = ask_heads(spec.url, spec.branch, until)
    asked = Question(EMPTY, EMPTY_LOCK, _choose_mode(spec), spec.action == "update", spec.run)
    if report := recall(spec, heads, asked):
        return report
    past: list[str] = []
    while True:
        with open_clone(spec.url, heads, spec.path, until, past) as clone:
            opened, manifest = _read(spec, clone)
            question = ask(opened, manifest, asked.mode, is_update=asked.is_update, run=spec.run)
            result = _reconcile(opened, question)
            lacking = [change.path for change in result.changes if change.detail == NO_BASE]
            if lacking and not past:  # the repository's own history may have the base, as in any other clone
                past = [f"{spec.path}/{path}".lstrip("/") for path in lacking]
                continue
            report = _deliver(spec, clone, opened, result)
            if question.is_shared and report.state != "held":
                keep(spec, clone.heads, question, report)
            return report


def _choose_mode(spec: RepositorySpec) -> Mode:
    choices = Choices(adopt=frozenset(["*"])) if spec.action == "adopt" else None
    return Mode(
        choices=choices,
        offline=spec.offline,
        index_url=spec.index_url,
        throwaway=True,
    )


def _read(spec: RepositorySpec, clone: Clone) -> tuple[Opened, Manifest]:
    """The project as it is, and the manifest that it is to have."""
    opened = clone.open_project(spec.path)
    text = opened.manifest.text if opened.has_manifest else spec.manifest
    manifest = parse_manifest(compose_manifest(text, spec.overrides))
    if not manifest.text and not opened.has_manifest:
        require_manifest(opened)
    places = [entry.path.partition("#")[0] for entry in manifest.packs.values() if entry.path]
    places += [place for place in manifest.indexes.values() if "://" not in place]
    clone.take_beside(spec.path, places)
    return opened, manifest


def _reconcile(opened: Opened, question: Question) -> Result:
    mode, manifest = question.mode, question.manifest
    if question.is_shared:
        found = find_packs(question)
    else:
        found = find_updates(opened._replace(manifest=manifest), [], mode) if question.is_update else {}
    return reconcile("update" if question.is_update else "sync", opened, lambda _: Aim(manifest, found), mode)


def _deliver(spec: RepositorySpec, clone: Clone, opened: Opened, result: Result) -> RepositoryReport:
    """Commit and push what a run changed, unless somebody has to decide about it."""
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
    heads = clone.heads
    mark = f"{_digest(spec, heads, opened)} {heads.branch or 'HEAD'} {spec.path or '.'}"
    branch = heads.branch if spec.delivery == "direct" else OWN_BRANCHES + mark.partition(" ")[0]
    marks = {name: read_mark(clone, name) for name in heads.ours}
    report = replace(report, branch=branch)
    if branch in marks and marks[branch] is None:
        told = f"{branch} has commits of somebody else, and stays as it is"
        return replace(report, state="held", changes=(), notices=(*report.notices, told))
    commit = make_commit(clone, edits, _write_message(spec, result, mark), spec.author)
    report = replace(report, commit=commit)
    if heads.ours.get(branch) == commit:
        return replace(report, state="proposed", changes=())
    if spec.delivery == "none":
        return replace(report, state="ready")
    replaced = {name for name, other in marks.items() if other and " ".join(other[1:]) == mark.partition(" ")[2]}
    push(clone, commit, branch, sorted(replaced - {branch}), is_direct=spec.delivery == "direct")
    kept = {name: at for name, at in heads.ours.items() if name not in replaced - {branch}}
    is_direct = spec.delivery == "direct"
    clone.heads = Heads(
        heads.branch, commit if is_direct else heads.base, kept if is_direct else {**kept, branch: commit}
    )
    return replace(report, state="pushed")


def _digest(spec: RepositorySpec, heads: Heads, opened: Opened) -> str:
    """What is wanted, as a word: whatever the commit is that it is brought to."""
    lock = read_lock(opened.project) or EMPTY_LOCK
    packs = {
        name: [pack.version, pack.digest, pack.requested, dict(pack.variables)] for name, pack in lock.packs.items()
    }
    wanted = json.dumps([heads.branch, spec.path, packs], sort_keys=True)
    return hashlib.sha256(wanted.encode()).hexdigest()[:_DIGITS]


def _write_message(spec: RepositorySpec, result: Result, mark: str) -> str:
    values = {
        "packs": result.packs,
        "changed": [pack for pack in result.packs if pack.version != pack.previous],
        "changes": result.changes,
        "action": spec.action,
    }
    text = render(spec.message or read_template("commit"), values, "the commit message").strip()
    trailers = [f"{MARK}: {mark}", *([f"Signed-off-by: {spec.author}"] if spec.sign_off else [])]
    return "\n\n".join([text, "\n".join(trailers)]) + "\n"
