"""Agents to check: 4 KB each, most of them sound, 8 % with a header that is not YAML, as in real collections."""

from collections.abc import Callable, Mapping
from pathlib import Path

from benchmarks.timing import TOOL, Measured, make_environment, run

_COUNT = 2000
_SIZE = 4096
_BROKEN = 12  # each of so many
_HEAD = (
    "---\nname: agent-{number}\ndescription: {description}\ntools: Read, Grep, Bash(git log *)\nmodel: sonnet\n---\n\n"
)
_SOUND = '"Reviews part {number} of the system. Use it when that changes."'
_LENIENT = 'Reviews part {number}. Use it so:\\n\\nuser: "It has changed."\\nassistant: "I look at it."'
_LINE = "When a change touches the store, look at the migration… then say “what” is missing, in `code` or in words.\n"


def prepare_check(base: Path) -> Callable[[Path], Mapping[str, Measured]]:
    """A project of agents: its hashes, and what `check` finds."""
    for number in range(_COUNT):
        form = _SOUND if number % _BROKEN else _LENIENT
        text = _HEAD.format(number=number, description=form.format(number=number)) + _LINE * (_SIZE // 64)
        path = base / ".claude" / "agents" / f"group-{number // 50}" / f"agent-{number}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode()[:_SIZE].decode(errors="ignore").encode())
    paths = sorted(str(path) for path in base.rglob("*.md"))

    def measure(folder: Path) -> Mapping[str, Measured]:
        folder.mkdir(parents=True)
        environment = make_environment(folder)
        return {
            "sha256sum": run(["sha256sum", *paths], base, environment),
            "check": run([TOOL, "check"], base, environment),
        }

    return measure
