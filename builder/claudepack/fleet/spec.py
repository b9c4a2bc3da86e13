"""What is asked for one repository, and what came of it: both cross to other processes, and other machines."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Literal

from claudepack.errors import ClaudepackError
from claudepack.project.location import LOCK
from claudepack.report.result import Change, PackChange
from claudepack.urls import strip_credentials

Action = Literal["sync", "update", "adopt"]
Delivery = Literal["branch", "direct", "none"]
# What came of a repository. `proposed`: the branch is there already; `held`: with commits of somebody else on it.
State = Literal["pushed", "ready", "unchanged", "proposed", "held", "conflict", "failed"]
CONFLICTS = 3
_HINTS = {
    "lock": f"in a clone of it: take an earlier {LOCK} (git log -- {LOCK}) or delete it, then claudepack "
    "sync, commit and push",
    "no-manifest": "name packs for those without one, in [packs] of the fleet file",
}


@dataclass(frozen=True)
class RepositorySpec:
    """Everything that the run of one repository depends on.

    Attributes:
        url: Where it is, perhaps with credentials.
        branch: What is cloned, and what a direct push goes to; empty for the repository's own choice.
        path: The project in it, for a repository with several; empty for its top.
        action: What is done.
        manifest: The text of the manifest for a project without one; empty for none.
        overrides: TOML with the `[packs]` and `[variables]` that this repository is to have in any case.
        offline: Without a network for packs.
        index_url: The index of packs that name none.
        delivery: Whether it is pushed, and where to.
        message: The template of the commit message.
        author: `NAME <ADDRESS>`.
        sign_off: Whether the message ends with a `Signed-off-by`.
        pull_request: What makes a pull request: `auto`, or a command; empty for none.
        seconds: How long it may take.
        tries: How often it is tried where the network fails.
        run: What was found for one run is not taken for the next: this tells them apart.
    """

    url: str
    branch: str = ""
    path: str = ""
    action: Action = "sync"
    manifest: str = ""
    overrides: str = ""
    offline: bool = False
    index_url: str = ""
    delivery: Delivery = "branch"
    message: str = ""
    author: str = "claudepack <claudepack@localhost>"
    sign_off: bool = False
    pull_request: str = ""
    seconds: float = 300.0
    tries: int = 4
    run: str = ""

    def of(self, url: str, branch: str, path: str, overrides: str) -> "RepositorySpec":
        """The same for another repository."""
        return replace(self, url=url, branch=branch, path=path, overrides=overrides)

    @property
    def key(self) -> str:
        """What is asked, as one word: the same for the same question, whenever and however patiently it is asked."""
        asked = asdict(replace(self, url=strip_credentials(self.url), seconds=0, tries=0, run=""))
        return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()[:24]

    @property
    def name(self) -> str:
        """The repository as it is shown."""
        return strip_credentials(self.url) + (f"#{self.path}" if self.path else "")


@dataclass(frozen=True)
class RepositoryReport:
    """What came of one repository.

    Attributes:
        url: Without credentials.
        path: The project in it.
        key: That of its spec.
        exit: As if the verb had been run there.
        state: In one word.
        branch: What was pushed to, or would be.
        commit: What was pushed, or would be.
        pull_request: Where it is.
        packs: As they are now, and were.
        changes: What happened to files.
        conflicts: The files that somebody has to decide about.
        notices: What is worth knowing.
        error: `code`, `message` and `hint`, where it failed.
        seconds: How long it took.
    """

    url: str
    path: str
    key: str
    exit: int
    state: State
    branch: str = ""
    commit: str = ""
    pull_request: str = ""
    packs: tuple[PackChange, ...] = ()
    changes: tuple[Change, ...] = ()
    conflicts: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()
    error: Mapping[str, str] | None = None
    seconds: float = 0.0

    @property
    def name(self) -> str:
        """The repository as it is shown."""
        return self.url + (f"#{self.path}" if self.path else "")

    @property
    def is_failed(self) -> bool:
        """Whether it came to nothing; open conflicts are none of that."""
        return self.exit not in (0, CONFLICTS)


def advise(error: ClaudepackError) -> str:
    """What to do about an error, where the checkout is gone that it was met in."""
    return _HINTS.get(error.code, error.hint)


def report_error(spec: RepositorySpec, error: ClaudepackError, paths: tuple[str, ...] = ()) -> RepositoryReport:
    """The report of a repository that came to nothing."""
    told = {"code": error.code, "message": error.message, "hint": advise(error)}
    url = strip_credentials(spec.url)
    return RepositoryReport(url, spec.path, spec.key, error.exit_code, "failed", conflicts=paths, error=told)


def dump_report(report: RepositoryReport) -> dict[str, object]:
    """A report as JSON has it."""
    return {
        **{field.name: getattr(report, field.name) for field in fields(report)},
        "packs": [pack._asdict() for pack in report.packs],
        "changes": [{"path": change.path, "action": change.action, "pack": change.pack} for change in report.changes],
        "seconds": round(report.seconds, 3),
    }


def load_report(row: Mapping[str, object]) -> RepositoryReport:
    """The same, read again.

    Raises:
        TypeError: It is none.
        KeyError: Likewise.
    """
    given = {field.name: row[field.name] for field in fields(RepositoryReport)}
    given["packs"] = tuple(PackChange(**pack) for pack in row["packs"])  # type: ignore[attr-defined]  # TypeError tells
    given["changes"] = tuple(Change(**change) for change in row["changes"])  # type: ignore[attr-defined]  # likewise
    given["conflicts"], given["notices"] = tuple(row["conflicts"]), tuple(row["notices"])  # type: ignore[arg-type]
    return RepositoryReport(**given)  # type: ignore[arg-type]  # what we wrote ourselves
