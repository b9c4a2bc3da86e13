"""The kills are counted, and the count is told."""

import pytest

from crashes import Kills


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if Kills.count:
        bad = {report.nodeid for kind in ("failed", "error") for report in terminalreporter.stats.get(kind, ())}
        verdict = f"{len(bad)} tests failed" if bad else "0 mixed states, 0 lost bytes, 0 litter"
        terminalreporter.write_line(f"{Kills.count} kills: {verdict}")
