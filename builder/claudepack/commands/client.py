"""Which Claude Code is here, if any."""

import re
import shutil
import subprocess

from claudepack.steps import Step

_SECONDS = 10


def find_client_version() -> str:
    """The version that `claude --version` prints; empty where there is no client or no answer."""
    executable = shutil.which("claude")
    if not executable:
        return ""
    try:
        with Step("asking Claude Code for its version"):
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
