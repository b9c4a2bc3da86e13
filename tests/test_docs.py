"""What the docs say is what happens: their commands are run, their reference is the parser's."""

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

DOCS = Path(__file__).parents[1] / "docs"
PAGES = sorted(path for folder in ("tutorial", "how-to") for path in (DOCS / folder).glob("*.md"))
BLOCK = re.compile(r"(<!-- not run: [^\n]*-->\n)?```(bash|text)\n(.*?)```", re.DOTALL)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_commands_of_a_page_run_in_their_order_and_print_what_it_says(page: Path, tmp_path: Path) -> None:
    bin_folder = Path(sys.executable).parent
    environment = {**os.environ, "PATH": f"{bin_folder}{os.pathsep}{os.environ['PATH']}"}
    printed, ran = "", 0
    for skipped, language, text in BLOCK.findall(page.read_text(encoding="utf-8")):
        if skipped:
            continue
        if language == "text":
            for line in text.splitlines():
                assert line.rstrip("…").strip() in printed, printed
            continue
        words = ["bash", "-euo", "pipefail", "-c", text]
        done = subprocess.run(
            words, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False, timeout=120
        )
        assert done.returncode == 0, f"{text}\n{done.stdout}\n{done.stderr}"
        printed, ran = done.stdout, ran + 1
    assert ran


def _load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"docs_{name}", DOCS / f"{name}.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_reference_of_the_command_line_is_what_the_parsers_say() -> None:
    module = _load("reference")

    assert module.TARGET.read_text(encoding="utf-8") == module.render(), "python docs/reference.py"


def test_the_picture_of_the_readme_is_what_a_run_prints() -> None:
    module = _load("picture")

    assert module.TARGET.read_text(encoding="utf-8") == module.draw(module.record()), "python docs/picture.py"


def test_the_pages_of_rules_are_what_the_rules_say() -> None:
    module = _load("rules")

    written = {path.name: path.read_text(encoding="utf-8") for path in module.TARGET.iterdir()}
    assert written == module.render(), "python docs/rules.py"
    assert all(text.replace("\n", "").isprintable() for text in written.values())


def test_every_page_is_in_the_navigation_or_in_the_index_of_rules() -> None:
    navigation = (DOCS.parent / "mkdocs.yml").read_text(encoding="utf-8")
    index = (DOCS / "rules" / "index.md").read_text(encoding="utf-8")

    for page in DOCS.rglob("*.md"):
        path = page.relative_to(DOCS).as_posix()
        assert path in navigation or (path.startswith("rules/") and f"]({page.name})" in index)
