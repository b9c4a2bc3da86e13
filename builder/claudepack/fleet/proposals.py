"""Pull requests for pushed branches: by `gh`, by `glab`, or by whatever command is told."""

import contextlib
import json
import os
import shlex
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from claudepack.errors import ClaudepackError
from claudepack.source.family import hold_family
from claudepack.urls import redact, strip_credentials

AUTO = "auto"
_TOOLS = ("gh", "glab")


@dataclass(frozen=True)
class Proposal:
    """A pull request that is to be there.

    Attributes:
        url: Of the repository.
        branch: What is proposed.
        base: What it is proposed for.
        title: In a line.
        body: In Markdown.
        superseded: Branches whose pull requests it takes the place of.
    """

    url: str
    branch: str
    base: str
    title: str
    body: str
    superseded: tuple[str, ...] = ()


class Host(Protocol):
    """Where pull requests are made."""

    def propose(self, proposal: Proposal) -> str:
        """Let there be a pull request, and say where; empty where somebody has closed it before."""


def open_host(url: str, wanted: str, until: float) -> Host:
    """What makes the pull requests of a repository.

    Args:
        url: Of the repository.
        wanted: The command that was told, or `auto`.
        until: When all has to be done.

    Raises:
        ClaudepackError: There is nothing that does.
    """
    if wanted != AUTO:
        return _Command(shlex.split(wanted), until)
    host = urlsplit(url).hostname or ""
    known = {"gh": "github" in host, "glab": "gitlab" in host}
    named = [tool for tool in _TOOLS if known[tool]] or list(_TOOLS)
    tool = next((name for name in named if shutil.which(name)), "")
    if not tool:
        raise ClaudepackError(
            f"{strip_credentials(url)}: no {' or '.join(named)} is here to make a pull request",
            code="pull-request",
            hint="install it, or name a command with --pr-command; the branch is pushed",
        )
    place = f"{host}/{urlsplit(url).path.strip('/').removesuffix('.git')}"
    return _GitHub(place, until) if tool == "gh" else _GitLab(place, until)


@dataclass(frozen=True)
class _GitHub:
    place: str
    until: float

    def propose(self, proposal: Proposal) -> str:
        for branch in proposal.superseded:
            for row in self._list(branch, "open"):
                self._run("close", str(row["number"]), "--comment", f"Superseded by {proposal.branch}.")
        known = self._list(proposal.branch, "all")
        is_open = [row for row in known if row["state"] == "OPEN"]
        if not is_open and any(row["state"] == "CLOSED" for row in known):
            return ""
        with _as_file(proposal.body) as body:
            words = ("--title", proposal.title, "--body-file", body)
            if is_open:
                self._run("edit", str(is_open[0]["number"]), *words)
                return str(is_open[0]["url"])
            told = self._run("create", "--head", proposal.branch, "--base", proposal.base, *words)
        return told.strip().rpartition("\n")[2]

    def _list(self, branch: str, state: str) -> list[dict[str, object]]:
        words = ("list", "--head", branch, "--state", state, "--json", "number,url,state")
        return _read_rows(self._run(*words), "gh")

    def _run(self, word: str, *words: str) -> str:
        return _run(["gh", "pr", word, *words, "--repo", self.place], self.until)


@dataclass(frozen=True)
class _GitLab:
    place: str
    until: float

    def propose(self, proposal: Proposal) -> str:
        for branch in proposal.superseded:
            for row in self._list(branch):
                if row["state"] == "opened":
                    self._run("close", str(row["iid"]))
        known = self._list(proposal.branch)
        is_open = [row for row in known if row["state"] == "opened"]
        if not is_open and any(row["state"] == "closed" for row in known):
            return ""
        words = ("--title", proposal.title, "--description", proposal.body)
        if is_open:
            self._run("update", str(is_open[0]["iid"]), *words)
            return str(is_open[0]["web_url"])
        branches = ("--source-branch", proposal.branch, "--target-branch", proposal.base)
        told = self._run("create", *branches, *words, "--yes")
        return next((line for line in told.split() if line.startswith("https://")), told.strip())

    def _list(self, branch: str) -> list[dict[str, object]]:
        return _read_rows(self._run("list", "--source-branch", branch, "--all", "--output", "json"), "glab")

    def _run(self, word: str, *words: str) -> str:
        return _run(["glab", "mr", word, *words, "--repo", self.place], self.until)


@dataclass(frozen=True)
class _Command:
    """A command of somebody's own: it is told everything in its environment, and prints where the request is."""

    words: Sequence[str]
    until: float

    def propose(self, proposal: Proposal) -> str:
        with _as_file(proposal.body) as body:
            told = {
                "URL": strip_credentials(proposal.url),
                "BRANCH": proposal.branch,
                "BASE": proposal.base,
                "TITLE": proposal.title,
                "BODY_FILE": body,
                "SUPERSEDED": " ".join(proposal.superseded),
            }
            variables = {f"CLAUDEPACK_PR_{name}": value for name, value in told.items()}
            return _run(self.words, self.until, variables).strip().rpartition("\n")[2]


@contextlib.contextmanager
def _as_file(text: str) -> Iterator[str]:
    """A text as a file, which is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="claudepack-") as folder:
        path = Path(folder, "body.md")
        path.write_text(text, encoding="utf-8")
        yield str(path)


def _run(words: Sequence[str], until: float, variables: dict[str, str] | None = None) -> str:
    seconds = max(0.0, until - time.monotonic())
    environment = {**os.environ, "GH_PROMPT_DISABLED": "1", "NO_PROMPT": "1", **(variables or {})}
    try:
        process = subprocess.Popen(
            list(words),
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        with hold_family(process):
            out, told = process.communicate(timeout=seconds)
    except (OSError, ValueError) as error:
        raise _failed(words, str(error)) from error
    except subprocess.TimeoutExpired as error:
        raise _failed(words, "not done in time") from error
    if process.returncode:
        raise _failed(words, told.decode("utf-8", "replace").strip() or f"exit {process.returncode}")
    return out.decode("utf-8", "replace")


def _read_rows(text: str, tool: str) -> list[dict[str, object]]:
    try:
        rows = json.loads(text or "[]")
    except ValueError as error:
        raise _failed([tool], f"it prints what is no JSON: {error}") from error
    return [row for row in rows if isinstance(row, dict)]


def _failed(words: Sequence[str], why: str) -> ClaudepackError:
    return ClaudepackError(
        f"{words[0] if words else 'the command'}: {redact(why)}",
        code="pull-request",
        hint="the branch is pushed: mend that, then run this again with --failed",
    )
