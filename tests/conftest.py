"""The real home is out of reach of every test, and so are the settings of whoever runs them."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from claude_client import ClaudeClient, install_client
from crashes import Kills

# A run of CI says the same twice; whoever works on the code draws other examples each time.
settings.register_profile("ci", derandomize=True)
if os.environ.get("CI"):
    settings.load_profile("ci")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--full", action="store_true", help="long runs at their full size: every kill, every size")


def pytest_configure() -> None:
    """Let Ctrl-C reach what the tests start: a shell's background jobs ignore it, and hand that on."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A process that shares the tests with others hands over what it counted."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["kills"] = Kills.tell()


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:  # noqa: ANN401 - pytest-xdist has no types
    """Take over what a process counted; one that died has nothing."""
    Kills.add(getattr(node, "workeroutput", {}).get("kills", ()))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The kills are counted, and the count is told."""
    if Kills.count:
        bad = {report.nodeid for kind in ("failed", "error") for report in terminalreporter.stats.get(kind, ())}
        verdict = f"{len(bad)} tests failed" if bad else "0 mixed states, 0 lost bytes, 0 litter"
        counts = [f"{Kills.count} kills", f"{Kills.power_cuts} power cuts", f"{Kills.saves} saves amid runs"]
        told = ", ".join(text for text in counts if not text.startswith("0 "))
        terminalreporter.write_line(f"{told}: {verdict}")


@pytest.fixture
def full(request: pytest.FixtureRequest) -> bool:
    """Whether long runs are to be done at their full size."""
    return bool(request.config.getoption("--full"))


@dataclass(frozen=True)
class Run:
    """What a run of the tool ended with."""

    exit: int
    out: str
    err: str

    @property
    def json(self) -> Any:  # noqa: ANN401 - a test looks at what it expects
        return json.loads(self.out)


Tool = Callable[..., Run]

# Root writes where the modes forbid it; without these capabilities it is held to them as anybody is.
_HELD_TO_MODES = ["setpriv", "--bounding-set", "-dac_override,-dac_read_search,-fowner"] if os.geteuid() == 0 else []


@pytest.fixture(autouse=True)
def _isolated(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path_factory.mktemp("home")
    for name in list(os.environ):
        if name.startswith(("CLAUDEPACK_", "GIT_", "XDG_")) and name != "CLAUDEPACK_TEST_CACHE":
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("USERPROFILE", str(home))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("UV_OFFLINE", "1")
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)


@pytest.fixture(scope="session")
def client() -> ClaudeClient:
    """The real client."""
    if not shutil.which("npm"):
        pytest.skip("npm is not installed, so the real client cannot be")
    return ClaudeClient(install_client())


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """An empty directory to install into."""
    root = tmp_path / "project"
    root.mkdir()
    return root


@pytest.fixture
def tool(project: Path) -> Tool:
    """Runs claudepack as a process of its own, in the project unless told otherwise."""

    def run(*words: str | Path, cwd: Path = project, held_to_modes: bool = False, cache: Path | None = None) -> Run:
        prefix = _HELD_TO_MODES if held_to_modes else []
        environment = {**os.environ, **({"XDG_CACHE_HOME": str(cache)} if cache else {})}
        done = subprocess.run(
            [*prefix, sys.executable, "-m", "claudepack", *map(str, words)],
            cwd=cwd,
            env=environment,
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
            timeout=120,
        )
        return Run(done.returncode, done.stdout, done.stderr)

    return run
