"""The job for one repository: clone, bring it to what is wanted, commit, push. It can be done anywhere, and twice."""

import contextlib
import random
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace

from claudepack.commands.finding import find_updates
from claudepack.commands.options import Mode, Opened, require_manifest
from claudepack.commands.reconcile import Aim, reconcile
from claudepack.errors import ClaudepackError, CollisionError
from claudepack.fleet.clone import Clone, ask_heads, open_clone
from claudepack.fleet.delivery import deliver
from claudepack.fleet.fleet_file import compose_manifest
from claudepack.fleet.kept import keep, recall
from claudepack.fleet.packs import Question, ask, find_packs
from claudepack.fleet.spec import RepositoryReport, RepositorySpec, report_error
from claudepack.plan.choices import Choices
from claudepack.plan.merge import NO_BASE
from claudepack.project.lock import EMPTY as EMPTY_LOCK
from claudepack.project.manifest import EMPTY, Manifest, parse_manifest
from claudepack.report.result import Result
from claudepack.source.places import Found

_RACES, _RACE_SECONDS = 10, 0.1


def sync_repository(spec: RepositorySpec) -> RepositoryReport:
    """Do what is asked of one repository.

    Whatever goes wrong is in the report: what comes of one repository stops no other.
    """
    begin = time.monotonic()
    until = begin + spec.seconds
    failures: Counter[str] = Counter()
    while True:
        report = _try(spec, until)
        code = report.error["code"] if report.error else ""
        failures[code] += 1
        wait = 2 ** (failures[code] - 1) if code == "network" else _RACE_SECONDS
        wait *= random.uniform(0.5, 1.5)  # noqa: S311 - no secret: whoever failed together is not to come back together
        most = {"network": spec.tries, "overtaken": _RACES}.get(code, 0)
        if failures[code] >= most or time.monotonic() + wait > until:
            return replace(report, seconds=time.monotonic() - begin)
        time.sleep(wait)


def _try(spec: RepositorySpec, until: float) -> RepositoryReport:
    try:
        return _run(spec, until)
    except CollisionError as error:
        error.hint = "claudepack fleet adopt keeps theirs, managed from now on as edits"
        return report_error(spec, error, error.paths)
    except ClaudepackError as error:
        return report_error(spec, error)
    except (OSError, UnicodeError) as error:
        why = ClaudepackError(f"{spec.name}: {error}", code="os", hint="check the disk, and the names of its files")
        return report_error(spec, why)


def _run(spec: RepositorySpec, until: float) -> RepositoryReport:
    heads = ask_heads(spec.url, spec.branch, until)
    asked = Question(EMPTY, EMPTY_LOCK, _choose_mode(spec), spec.action == "update", spec.run)
    if report := recall(spec, heads, asked):
        return report
    past: list[str] = []
    while True:
        with open_clone(spec.url, heads, spec.path, until, past) as clone, _named(spec, clone):
            opened, manifest = _read(spec, clone)
            question = ask(opened, manifest, asked.mode, is_update=asked.is_update, run=spec.run)
            found, result = _reconcile(opened, question)
            lacking = [change.path for change in result.changes if change.detail == NO_BASE]
            if lacking and not past:  # the repository's own history may have the base, as in any other clone
                past = [f"{spec.path}/{path}".lstrip("/") for path in lacking]
                continue
            report = deliver(spec, clone, opened, result, found)
            if question.is_shared and report.state != "held":
                keep(spec, clone.heads, question, report)
            return report


@contextlib.contextmanager
def _named(spec: RepositorySpec, clone: Clone) -> Iterator[None]:
    """Let an error tell of the repository, not of a directory that is gone when somebody reads it."""
    try:
        yield
    except ClaudepackError as error:
        for root in (clone.root.resolve(), clone.root):
            error.message = error.message.replace(f"{root}/", "").replace(str(root), spec.name)
        raise


def _choose_mode(spec: RepositorySpec) -> Mode:
    choices = Choices(adopt=frozenset(["*"])) if spec.action == "adopt" else None
    return Mode(choices=choices, offline=spec.offline, index_url=spec.index_url, throwaway=True)


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


def _reconcile(opened: Opened, question: Question) -> tuple[Mapping[str, Found], Result]:
    mode, manifest = question.mode, question.manifest
    if question.is_shared:
        found = find_packs(question)
    else:
        found = find_updates(opened._replace(manifest=manifest), [], mode) if question.is_update else {}
    command = "update" if question.is_update else "sync"
    return found, reconcile(command, opened, lambda _: Aim(manifest, found), mode)
