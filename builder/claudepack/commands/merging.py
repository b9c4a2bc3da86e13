"""Three texts made one by `git merge-file`: the merge that every developer knows."""

import os
from pathlib import Path

from claudepack.errors import ClaudepackError
from claudepack.plan.merge import Merged

_SECONDS = 60
_MOST_CONFLICTS = 127  # the exit code counts them up to here; above are errors
_LABELS = ("-L", "yours", "-L", "base", "-L", "the pack's")


def merge3(base: bytes, ours: bytes, theirs: bytes) -> Merged | None:
    """Merge three texts; None where there is no git.

    Raises:
        ClaudepackError: git fails.
    """
    import subprocess
    import tempfile

    with tempfile.TemporaryDirectory(prefix="claudepack-") as folder:
        texts = {"ours": ours, "base": base, "theirs": theirs}
        for name, text in texts.items():
            Path(folder, name).write_bytes(text)
        # No repository, no configuration: the same texts merge alike everywhere.
        words = ["git", "merge-file", "-p", "-q", *_LABELS, *texts]
        environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        nothing = {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CEILING_DIRECTORIES": folder}
        try:
            done = subprocess.run(
                words, cwd=folder, env=environment | nothing, capture_output=True, timeout=_SECONDS, check=False
            )
        except FileNotFoundError:
            return None
        except subprocess.TimeoutExpired as error:
            raise _failed(f"no answer in {_SECONDS} seconds") from error
    if done.returncode > _MOST_CONFLICTS or done.returncode < 0:
        raise _failed(done.stderr.decode(errors="replace").strip())
    return Merged(done.stdout, done.returncode == 0)


def _failed(why: str) -> ClaudepackError:
    return ClaudepackError(
        f"git merge-file failed: {why}", code="merge", hint="claudepack doctor tells which git this is"
    )
