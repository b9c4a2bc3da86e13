"""The `git` command as a process: nothing of a repository's own runs, no credential is shown, nobody is asked."""

import base64
import hashlib
import os
import re
import subprocess
import urllib.parse
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from claudepack.errors import ClaudepackError, IntegrityError
from claudepack.source.git_wait import explain_slowness, has_family, wait_for_git
from claudepack.source.pace import ask_git, find_pace
from claudepack.urls import GIT_SCHEMES, redact, strip_credentials

# What a hook that calls us has set for its own repository, and what would let git wait for an answer.
_UNSET = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_COMMON_DIR", "GIT_NAMESPACE")
_SETTINGS = (
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "core.attributesFile=/dev/null",
    "protocol.version=2",
    "gc.auto=0",
    "maintenance.auto=false",
)
_NOTHING_CAME = "Could not read from remote repository."
_DENIED = ("authentication failed", "could not read username", "permission denied", "error: 403")
_GONE = ("not our ref", "unadvertised", "couldn't find remote ref")
_OVERTAKEN = ("(stale info)", "(fetch first)", "(non-fast-forward)", "cannot lock ref", "reference already exists")
# Signs of what is wrong, the first that is there: what to call it, its code, and what to do.
_KNOWN = (
    (
        ("host key verification failed",),
        "the host's key is not known here, or not the one that it was",
        "auth",
        "look at the key that it shows, and at what is known of it: ssh {host}",
    ),
    (
        _DENIED,
        "access denied",
        "auth",
        "give git the credentials (a credential helper, ~/.netrc, an ssh key); check with: git ls-remote URL",
    ),
    (_OVERTAKEN, "somebody else pushed meanwhile", "overtaken", "run this again"),
    (
        _GONE,
        "the commit is not to be had there",
        "not-found",
        "its history may have been rewritten: claudepack update takes what the manifest names now",
    ),
)
# A push that got through, and that the other side's own rules do not let in.
_REFUSED = re.compile(r"^ ! \[remote rejected\] .*\((.*)\)$", re.MULTILINE)
_FEW = 3  # of the lines that the other side says: what a hook says first is why
# What may be otherwise in a moment: names, connections, servers that have too much to do.
_PASSING = (
    "could not resolve host",
    "connection refused",
    "connection reset",
    "connection timed out",
    "connection closed",
    "couldn't connect to server",
    "failed to connect",
    "unable to connect",
    "network is unreachable",
    "operation timed out",
    "early eof",
    "hung up unexpectedly",
    "rpc failed",
    "returned error: 429",
    "returned error: 5",
)
_SLOW = re.compile(r"Operation too slow\. Less than (\d+) bytes/sec transferred the last (\d+) seconds")
_HASH_OF_LENGTH = {40: "sha1", 64: "sha256"}


def run_git(
    words: Sequence[str], url: str = "", folder: Path | None = None, stdin: bytes = b"", until: float | None = None
) -> bytes:
    """Run git, and give what it prints.

    Args:
        words: What it is to do; a URL among them has no credentials.
        url: The repository that it is about, with the credentials that its URL may have.
        folder: Where.
        stdin: What it reads.
        until: When it has to be done, by the monotonic clock.

    Raises:
        ClaudepackError: It fails. With the code `network` where it may be otherwise in a moment, `timeout` where
            it was not done in time.
    """
    settings = [word for setting in _SETTINGS for word in ("-c", setting)]
    try:
        process = subprocess.Popen(
            ["git", *settings, *words],  # noqa: S607 - looked up on the PATH, as for the user
            cwd=folder,
            env=_make_environment(url),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=has_family(url, until),
        )
    except FileNotFoundError as error:
        raise ClaudepackError(
            "git is not on the PATH, and is what fetches from a repository", code="git", hint="install git"
        ) from error
    out, told = wait_for_git(process, stdin, url, folder, until)
    if process.returncode:
        raise _explain(url, told.decode("utf-8", "replace"))
    return out


def read_objects(
    url: str, names: Sequence[str], folder: Path, until: float | None = None
) -> Iterator[tuple[str, bytes]]:
    """The kind and the content of objects that are here.

    Raises:
        IntegrityError: Other bytes than the name says.
    """
    output = run_git(["cat-file", "--batch"], url, folder, "".join(f"{name}\n" for name in names).encode(), until)
    at = 0
    for name in names:
        end = output.index(b"\n", at)
        found, _, about = output[at:end].decode("ascii", "replace").partition(" ")
        kind, _, size = about.partition(" ")
        if found != name or not size:
            raise ClaudepackError(f"git has no {name}", code="git", hint="run this again")
        at = end + 1 + int(size)
        data = output[end + 1 : at]
        at += 1
        if hash_object(data, len(name), kind) != name:
            raise IntegrityError(f"git delivers other bytes for {name}", code="integrity", hint="run this again")
        yield kind, data


def hash_object(data: bytes, length: int, kind: str = "blob") -> str:
    """What git calls some bytes, in a repository whose names have a length."""
    head = f"{kind} {len(data)}\0".encode()
    return hashlib.new(_HASH_OF_LENGTH[length], head + data, usedforsecurity=False).hexdigest()


def _make_environment(url: str) -> dict[str, str]:
    environment = {key: value for key, value in os.environ.items() if key not in _UNSET}
    environment |= {
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ALLOW_PROTOCOL": ":".join(GIT_SCHEMES),
        "LC_ALL": "C",
    }
    scheme = url.partition("://")[0].lower()
    if scheme in ("http", "https"):
        pace = find_pace(url)
        environment |= {"GIT_HTTP_LOW_SPEED_LIMIT": str(pace.limit), "GIT_HTTP_LOW_SPEED_TIME": str(pace.seconds)}
    if scheme == "ssh" and not {"GIT_SSH", "GIT_SSH_COMMAND"} & environment.keys():
        environment["GIT_SSH_COMMAND"] = ask_git("core.sshCommand") or "ssh -o BatchMode=yes"
    return environment | _hide_credentials(url, environment)


def _hide_credentials(url: str, environment: Mapping[str, str]) -> dict[str, str]:
    """Settings by which git knows credentials that are in no argument: others see those, also of what git starts."""
    shown = strip_credentials(url)
    if shown == url:
        return {}
    key, value = f"url.{url}.insteadOf", shown
    parts = urllib.parse.urlsplit(url)
    if parts.scheme.lower() in ("http", "https") and not parts.query:
        pair = ":".join(urllib.parse.unquote(part or "") for part in (parts.username, parts.password))
        key, value = f"http.{shown}.extraHeader", f"Authorization: Basic {base64.b64encode(pair.encode()).decode()}"
    number = int(environment.get("GIT_CONFIG_COUNT", "0") or 0)
    return {
        "GIT_CONFIG_COUNT": str(number + 1),
        f"GIT_CONFIG_KEY_{number}": key,
        f"GIT_CONFIG_VALUE_{number}": value,
    }


def _explain(given: str, told: str) -> ClaudepackError:
    url = strip_credentials(given)
    reason = _find_reason(redact(told).splitlines())
    where = f"{url}: " if url else "git: "
    lowered = told.lower()
    if slow := _SLOW.search(told):
        return explain_slowness(url, int(slow[1]), int(slow[2]))
    if (refused := _REFUSED.search(told)) and not any(sign in lowered for sign in _OVERTAKEN):
        return _explain_refusal(where, refused[1], told)
    for signs, what, code, hint in _KNOWN:
        if any(sign in lowered for sign in signs):
            host = urllib.parse.urlsplit(url).hostname
            return ClaudepackError(f"{where}{what}: {reason}", code=code, hint=hint.format(host=host))
    code = "network" if any(sign in lowered for sign in _PASSING) else "git"
    return ClaudepackError(
        f"{where}{reason}", code=code, hint="check the URL, and that it can be reached: git ls-remote URL"
    )


def _find_reason(lines: list[str]) -> str:
    """What git says is wrong; over ssh, where it says only that nothing came, what was said last before that."""
    told = [line.partition(": ")[2] for line in lines if line.startswith(("fatal: ", "error: ", "remote: "))]
    reasons = [line for line in told if line != _NOTHING_CAME]
    if told and not reasons:
        before = lines[: lines.index(f"fatal: {_NOTHING_CAME}")]
        reasons = [line for line in before if line.strip()][-1:] or told
    return "; ".join(reasons) or "git failed and said nothing"


def _explain_refusal(where: str, why: str, told: str) -> ClaudepackError:
    said = [line.partition(": ")[2].strip() for line in redact(told).splitlines() if line.startswith("remote: ")]
    lines = [line.removeprefix("error: ") for line in said if line]
    reason = ": ".join([why, "; ".join(lines[:_FEW])]) if lines else why
    return ClaudepackError(
        f"{where}the push is refused: {reason}",
        code="refused",
        hint="see which rules and hooks the server has for that branch, or who may push to it",
    )
