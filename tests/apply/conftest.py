"""What the tests of the transaction share."""

from collections.abc import Callable
from pathlib import Path

import pytest

from claudepack import cli
from conftest import Run

Inline = Callable[..., Run]


@pytest.fixture
def inline(project: Path, capsys: pytest.CaptureFixture[str]) -> Inline:
    """Runs claudepack in this process: a tenth of the time, where the process itself is not the subject."""

    def run(*words: str | Path, cwd: Path = project) -> Run:
        code = cli.main([*map(str, words), "-C", str(cwd)])
        return Run(code, *capsys.readouterr())

    return run
