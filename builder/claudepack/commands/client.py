"""The Claude Code that is here, if any: its version, and what it loads of what is on the disk.

It is asked with no network and no key, in a folder that holds copies of agents, skills and commands and nothing else:
no settings, no hooks and no MCP servers of a project, so nothing of it runs.
"""

import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from claudepack.errors import ClaudepackError
from claudepack.lint.loaded import Loaded
from claudepack.paths import is_confined

if TYPE_CHECKING:
    from claudepack.lint.subject import Subject

from claudepack.tasks import Task

_SECONDS = 10
_LOADING_SECONDS = 120
_NOWHERE = "http://127.0.0.1:9"  # the discard port: whatever it would send ends there
_SETTINGS = {"disableAllHooks": True, "env": {"ANTHROPIC_BASE_URL": _NOWHERE}}
_FLAGS = ("--output-format", "stream-json", "--verbose", "--no-session-persistence", "--strict-mcp-config")
_HINT = "npm install -g @anthropic-ai/claude-code, or leave out what asks it"


def find_client_version() -> str:
    """The version that `claude --version` prints; empty where there is no client or no answer."""
    executable = shutil.which("claude")
    if not executable:
        return ""
    try:
        with Task("asking Claude Code for its version"):
            answer = subprocess.run(
                [executable, "--version"],
                capture_output=True,
                text=True,
                encoding="utf-8",
                errors="replace",
                timeout=_SECONDS,
                check=False,
            )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    match = re.match(r"\d+(\.\d+)+", answer.stdout)
    return match[0] if match else ""


def ask_client(files: Mapping[str, bytes]) -> Loaded:
    """What the client would load.

    Args:
        files: Agents, skills and commands, by their paths in `.claude`.

    Raises:
        ClaudepackError: There is no client, or it does not answer.
    """
    executable = shutil.which("claude")
    if not executable:
        raise ClaudepackError("there is no `claude` on the PATH", code="no-client", hint=_HINT)
    with tempfile.TemporaryDirectory(prefix="claudepack-", ignore_cleanup_errors=True) as scratch:
        project = Path(scratch) / "project"
        for path, data in files.items():
            target = project / ".claude" / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
        project.mkdir(exist_ok=True)
        return _read_answer(_start(executable, project, scratch))


def ask_about(subject: "Subject") -> Loaded:
    """What the client would load of what is checked.

    Raises:
        ClaudepackError: There is no client, or it does not answer.
    """
    from claudepack.lint.rules.client import is_meant
    from claudepack.lint.subject import Text

    heads = {path: Text(file).data for path, file in subject.files.items() if is_meant(path) and is_confined(path)}
    return ask_client(heads)


def _start(executable: str, project: Path, home: str) -> str:
    words = [executable, "-p", "hi", *_FLAGS, "--settings", json.dumps(_SETTINGS)]
    try:
        # Without a key it says what it has loaded, and ends.
        answer = subprocess.run(
            words,
            cwd=project,
            env=_make_environment(executable, home),
            capture_output=True,
            timeout=_LOADING_SECONDS,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ClaudepackError(f"{executable}: {error}", code="client", hint=_HINT) from error
    return answer.stdout.decode("utf-8", "replace")


def _make_environment(executable: str, home: str) -> dict[str, str]:
    """A home of its own, no key and nowhere to talk to; a client in JavaScript finds its node beside it."""
    folders = [os.path.dirname(executable), "/usr/local/bin", "/usr/bin", "/bin"]
    return {
        "HOME": home,
        "PATH": os.pathsep.join(folders),
        "TMPDIR": home,
        "CLAUDE_CODE_TMPDIR": home,
        "DISABLE_AUTOUPDATER": "1",
        "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
        "ANTHROPIC_BASE_URL": _NOWHERE,
    }


def _read_answer(text: str) -> Loaded:
    for line in text.splitlines():
        try:
            message = json.loads(line)
        except ValueError:
            continue
        if isinstance(message, dict) and message.get("subtype") == "init":
            names = [frozenset(map(str, message.get(key, ()))) for key in ("agents", "skills", "slash_commands")]
            return Loaded(str(message.get("claude_code_version", "")), *names)
    said = next((line for line in text.splitlines() if line.strip()), "nothing")
    raise ClaudepackError(f"claude does not say what it loads, but: {said[:200]}", code="client", hint=_HINT)
