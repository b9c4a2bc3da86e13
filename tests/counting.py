"""What a run asks of the system, counted by an audit hook in its process."""

import json
import subprocess
import sys
from pathlib import Path

_PROGRAM = """
import json, os, sys
opened, counts = {}, dict.fromkeys(("events", "stats", "written", "processes", "locks"), 0)
def hear(event, details):
    counts["events"] += event not in ("import", "exec", "compile", "marshal.loads")
    counts["processes"] += event == "subprocess.Popen"
    if event == "open" and isinstance(details[0], str | os.PathLike):
        path = os.fspath(details[0])
        opened[path] = opened.get(path, 0) + 1
        counts["written"] += bool(isinstance(details[2], int) and details[2] & os.O_ACCMODE)
def count(module, name, key, counted=lambda *_: True):
    real = getattr(module, name)
    def call(*arguments, **options):
        counts[key] += counted(*arguments)
        return real(*arguments, **options)
    setattr(module, name, call)
sys.addaudithook(hear)
from claudepack.cli import main
count(os, "stat", "stats")
count(os, "lstat", "stats")
count(json, "loads", "locks", lambda text: str(text).startswith('{\\n "directories"'))
code = main(sys.argv[1:])
print(json.dumps([counts, opened]), file=sys.stderr)
sys.exit(code)
"""


def count_run(project: Path, *words: str) -> tuple[dict[str, int], dict[str, int]]:
    """Run claudepack in a project: how often it does what, and how often it opens each file."""
    project.mkdir(exist_ok=True)
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM, *words], cwd=project, capture_output=True, text=True, check=True, timeout=60
    )
    counts, opened = json.loads(done.stderr)
    return counts, opened


class ComparedText(str):
    """A text that counts how often such are compared: what is looked through shows, and what is looked up hardly."""

    __slots__ = ()
    times = 0

    def __eq__(self, other: object) -> bool:
        ComparedText.times += 1
        return str.__eq__(self, other)

    __hash__ = str.__hash__
