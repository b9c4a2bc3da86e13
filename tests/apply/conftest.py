"""The kills are counted, and the count is told."""

from collections.abc import Callable
from pathlib import Path

import pytest

from claudepack import cli
from conftest import Run
from crashes import Kills

Inline = Callable[..., Run]


@pytest.fixture
def inline(project: Path, capsys: pytest.CaptureFixture[str]) -> Inline:
    """Runs claudepack in this process: a tenth of the time, where the process itself is not the subject."""

    def run(*words: str | Path, cwd: Path = project) -> Run:
        code = cli.main([*map(str, words), "-C", str(cwd)])
        return Run(code, *capsys.readouterr())

    return run


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if Kills.count:
        bad = {report.nodeid for kind in ("failed", "error") for report in terminalreporter.stats.get(kind, ())}
        verdict = f"{len(bad)} tests failed" if bad else "0 mixed states, 0 lost bytes, 0 litter"
        counts = [f"{Kills.count} kills", f"{Kills.power_cuts} power cuts", f"{Kills.saves} saves amid runs"]
        told = ", ".join(text for text in counts if not text.startswith("0 "))
        terminalreporter.write_line(f"{told}: {verdict}")
