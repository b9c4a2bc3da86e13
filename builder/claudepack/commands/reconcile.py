"""Making a project what its manifest says: the job behind install, uninstall, sync and exclude."""

import sys
from collections.abc import Callable, Mapping
from typing import NamedTuple

from claudepack.apply.operations import Changes, Delete, Outcome, Write
from claudepack.apply.site import is_in_use
from claudepack.commands.bases import Bases
from claudepack.commands.changes import describe_changes
from claudepack.commands.finding import Search
from claudepack.commands.gathering import Gathered, gather_packs
from claudepack.commands.options import Mode, Opened, list_notices, reopen
from claudepack.commands.refusals import refuse_clashes, refuse_collisions, refuse_orphans
from claudepack.commands.summary import Draft, summarise
from claudepack.commands.surroundings import choose_place, find_turned, look_outside
from claudepack.errors import ClaudepackError
from claudepack.pack.references import find_dangling
from claudepack.paths import nearest
from claudepack.plan.choices import Choices
from claudepack.plan.outside import write_bytes
from claudepack.plan.pinning import pin_only
from claudepack.plan.project import Plan, make_plan
from claudepack.project.disk import observe, read_bytes
from claudepack.project.location import LOCK, MANIFEST, check_targets
from claudepack.project.lock import amend_lock, dump_lock
from claudepack.project.manifest import Manifest
from claudepack.report.result import Result
from claudepack.source.cache import keep_pack
from claudepack.source.places import Found
from claudepack.tasks import Task


class Aim(NamedTuple):
    """What a run wants.

    Attributes:
        manifest: As it is to be.
        found: The packs that had to be read to know it.
        dropped: Packs that only others required, and that are to go.
    """

    manifest: Manifest
    found: Mapping[str, Found]
    dropped: frozenset[str] = frozenset()


def reconcile(command: str, opened: Opened, aim: Callable[[Opened], Aim], mode: Mode) -> Result:
    """Bring the project to what a manifest says, and say what was done.

    The plan is made before the project is held, so that a run with nothing to do holds nobody up; it is made again
    if anything changed until then.

    Args:
        command: The verb, for the report.
        opened: The project as it is.
        aim: Tells what it is to be, given the project; called again where that changed.
        mode: How.

    Raises:
        ClaudepackError: Something is refused; nothing was changed.
    """
    project = opened.project
    # What is there while a run goes on, or after one was killed, is nothing to plan from.
    in_use = is_in_use(project.root, project.git_root)
    draft = _draft(opened, aim(opened), mode) if mode.dry_run or not in_use else None
    if draft and (mode.dry_run or not draft.changes):
        notices = (*draft.notices, *list_notices(project))
        return summarise(command, opened, draft._replace(notices=notices), Outcome(), dry_run=mode.dry_run)
    from claudepack.apply.hold import hold_project
    from claudepack.apply.transaction import apply, recover

    with hold_project(project.root, project.git_root, _tell, is_throwaway=mode.throwaway) as site:
        finished = _describe_finished(recover(site, amend_lock))
        try:
            now = reopen(opened)
            if draft is None or finished or not opened.holds(now):
                draft = _draft(now, aim(now), mode)
        except ClaudepackError as error:
            error.message = "; ".join([error.message, *finished])  # nobody else would tell where bytes lie now
            raise
        draft = draft._replace(notices=(*draft.notices, *finished))
        draft = _keep_packs(draft) if draft.changes else draft
        outcome = apply(site, draft.changes, LOCK, amend_lock) if draft.changes else Outcome()
    return summarise(command, now, draft, outcome, dry_run=False)


def _describe_finished(recovered: Outcome | None) -> tuple[str, ...]:
    """What came of a run that was cut short, and finished now."""
    if recovered is None:
        return ()
    return (
        "a run that was cut short has been finished first",
        *(f"{path} was changed after that run, and stays as it is" for path in recovered.conflicts),
        *(f"what was written meanwhile lies in {path}" for path in recovered.rescued),
    )


def _draft(opened: Opened, aim: Aim, mode: Mode) -> Draft:
    bases = Bases(opened, mode)
    gathered = gather_packs(Search(opened, aim.manifest, mode, aim.found, aim.dropped), bases)
    turned = find_turned(opened, gathered.wanted)
    for want in gathered.wanted.values():
        check_targets(opened.project, want.files, turned.files)
    refuse_clashes(opened, gathered)
    notices = _warn_of_client(gathered)
    if mode.strict and notices:
        raise ClaudepackError("; ".join(notices), code="client", hint="upgrade Claude Code, or leave out --strict")
    notices += tuple(found.notice for found in gathered.read.values() if found.notice)
    notices += (*_warn_of_variables(opened, aim.manifest, gathered), *_warn_of_references(opened, gathered))
    if mode.pin_only:
        plan = Plan((), Changes(), pin_only(gathered.wanted, opened.lock))
        news = describe_changes(opened, gathered, bases)
        return Draft(gathered, notices, plan, _with_own_files(opened, aim.manifest, plan), *news)
    place = choose_place(opened.project, aim.manifest, opened.lock)
    choices = mode.choices or Choices()
    with Task("comparing with the project"):
        outside = look_outside(opened, bases, turned)
        plan = make_plan(gathered.wanted, opened.lock, place, opened.project.prefix, outside, choices)
    refuse_collisions(opened, plan, gathered.wanted)
    refuse_orphans(opened, plan, gathered)
    if mode.prove and plan.changes:
        from claudepack.commands.proof import prove_changes

        notices += prove_changes(opened.project, plan.changes)
    changes = _with_own_files(opened, aim.manifest, plan)
    return Draft(gathered, notices, plan, changes, *describe_changes(opened, gathered, bases))


def _keep_packs(draft: Draft) -> Draft:
    """Fill the user's cache before anything is installed: what is kept there, any later change is merged with."""
    try:
        for name, found in draft.gathered.read.items():
            keep_pack(found.pack, passed=name in draft.gathered.whole)
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        told = f"the cache cannot be written ({where}{error.strerror}): later merges will need git's history"
        return draft._replace(notices=(*draft.notices, told))
    return draft


def _tell(message: str) -> None:
    sys.stderr.write(f"note: {message}\n")


def _warn_of_variables(opened: Opened, manifest: Manifest, gathered: Gathered) -> tuple[str, ...]:
    """Variables that a run gives a value first, and that no context uses: the default would be taken without a word."""
    used = {name for want in gathered.wanted.values() for name in want.entry.variables}
    return tuple(
        f"no context here uses the variable {name!r}" + (f": {hint}" if (hint := nearest(name, used)) else "")
        for name in manifest.variables
        if name not in used and name not in opened.manifest.variables
    )


def _warn_of_references(opened: Opened, gathered: Gathered) -> tuple[str, ...]:
    """References of what is installed to what is neither in a pack nor in the project."""
    prefix = opened.project.prefix
    if not prefix:
        return _warn_of_home(gathered)
    others = [path.removeprefix(prefix) for want in gathered.wanted.values() for path in want.files]
    return tuple(
        f"{reference.path}:{reference.line}: {reference.text} leads to nothing here"
        for part in gathered.parts.values()
        for reference in find_dangling(part, others)
        if observe(opened.project, prefix + reference.target.rstrip("/"), ()) is None
    )


def _warn_of_home(gathered: Gathered) -> tuple[str, ...]:
    """References of what goes into somebody's own folder: a model follows them from the project that it works in."""
    from claudepack.pack.home import find_away

    found = [said for part in gathered.parts.values() for said in find_away(part)]
    if not found:
        return ()
    more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
    return (f"{found[0]}{more} leads into the project that one works in, and with --user the pack is not there",)


def _warn_of_client(gathered: Gathered) -> tuple[str, ...]:
    needs = {name: found.pack.settings.requires_claude_code for name, found in gathered.read.items()}
    if not any(needs.values()):
        return ()
    from packaging.specifiers import SpecifierSet

    from claudepack.commands.client import find_client_version

    version = find_client_version()
    return tuple(
        f"{name} asks for Claude Code {text}, and here is {version}"
        for name, text in needs.items()
        if version and text and not SpecifierSet(text).contains(version, prereleases=True)
    )


def _with_own_files(opened: Opened, manifest: Manifest, plan: Plan) -> Changes:
    """The operations on the project's files, then on the manifest and the lock themselves."""
    own: list[Write | Delete] = []
    lock = dump_lock(plan.lock) if plan.lock.packs else ""
    for path, text in ((MANIFEST, manifest.text), (LOCK, lock)):
        before = read_bytes(opened.project, path)
        if (before or b"") == text.encode():
            continue
        look = observe(opened.project, path, ())
        if text:
            own.append(write_bytes(path, text.encode(), look.sha256 if look else None, executable=None))
        elif look:
            own.append(Delete(path, look.sha256))
    return Changes((*plan.changes.operations, *own), plan.changes.remove_directories)
