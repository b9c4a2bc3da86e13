"""Building the wheel of a pack: hatchling, in this process, without a network.

The wheel is read back and compared with the directory, so that what an ignore rule or a layout setting
left out is an error, not a surprise for whoever installs it.
"""

import contextlib
import io
import os
import tempfile
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

from claudepack.errors import ClaudepackError
from claudepack.pack.directory import PYPROJECT, read_directory
from claudepack.pack.tree import Pack
from claudepack.pack.wheel import read_wheel


def build_wheel(root: Path, output: Path, refuse: Callable[[Pack], object]) -> Path:
    """Check a pack and build its wheel.

    Args:
        root: The directory of the pack.
        output: Where the wheel goes; made if it is not there. A wheel of the same name is replaced.
        refuse: What raises where the pack is broken.

    Returns:
        The path of the wheel.

    Raises:
        ClaudepackError: The pack is broken, or hatchling refuses it; nothing was written.
    """
    pack = read_directory(root)
    refuse(pack)
    _check_backend(root)
    output.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=output, prefix=".build-") as stage:
        wheel = _run_hatchling(root.resolve(), Path(stage).resolve())
        _compare(pack, read_wheel(wheel))
        target = output / wheel.name
        wheel.replace(target)
    return target


def find_pin_mismatch(root: Path) -> str:
    """What to tell where the pack pins another hatchling than the one here; empty where it does not.

    hatchling writes its version into the wheel, so with another one the bytes differ from `pip wheel`'s.
    """
    from importlib.metadata import version

    from packaging.requirements import InvalidRequirement, Requirement

    here = version("hatchling")
    for text in _read_requires(root):
        try:
            requirement = Requirement(text)
        except InvalidRequirement:
            return f"{PYPROJECT} asks for {text!r}, which is no requirement: other tools will not build this pack"
        if requirement.name == "hatchling" and not requirement.specifier.contains(here, prereleases=True):
            return f"{PYPROJECT} asks for {text}, and here is hatchling {here}: other tools' wheels will differ in it"
    return ""


def _run_hatchling(root: Path, stage: Path) -> Path:
    from hatchling.builders.wheel import WheelBuilder
    from hatchling.plugin.exceptions import UnknownPluginError

    output = io.StringIO()
    try:
        with contextlib.redirect_stdout(output), contextlib.redirect_stderr(output), _working_directory(root):
            [built] = WheelBuilder(str(root)).build(directory=str(stage), versions=["standard"])
    except (ValueError, TypeError, OSError, UnknownPluginError) as error:
        raise ClaudepackError(
            f"{root}: hatchling: {error}", code="build", hint=f"mend the pack's {PYPROJECT}"
        ) from error
    return Path(built)


@contextlib.contextmanager
def _working_directory(root: Path) -> Iterator[None]:
    # hatchling looks for its files from the current directory in places; PEP 517 starts it in the root.
    before = Path.cwd()
    os.chdir(root)
    try:
        yield
    finally:
        os.chdir(before)


def _check_backend(root: Path) -> None:
    backend = _read_build_system(root).get("build-backend")
    if backend != "hatchling.build":
        raise ClaudepackError(
            f"{root / PYPROJECT}: build-backend is {backend!r}, and packs are built by hatchling",
            code="build",
            hint='write build-backend = "hatchling.build" and requires = ["hatchling==…"] under [build-system]',
        )


def _compare(pack: Pack, built: Pack) -> None:
    missing = sorted(set(pack.files) - set(built.files))
    if missing:
        raise ClaudepackError(
            f"{pack.name}: the wheel would lack {', '.join(missing)}",
            code="build",
            hint="an ignore rule or [tool.hatch.build.targets.wheel] leaves it out; name its folder in only-include",
        )
    if pack.digest != built.digest:
        raise ClaudepackError(
            f"{pack.name}: the wheel would not hold what the directory holds",
            code="build",
            hint='only-include must name "pack.toml" and the folders, and sources = { "" = "claudepack_NAME" }',
        )


def _read_build_system(root: Path) -> dict[str, object]:
    table = tomllib.loads((root / PYPROJECT).read_text(encoding="utf-8-sig")).get("build-system", {})
    return table if isinstance(table, dict) else {}


def _read_requires(root: Path) -> list[str]:
    requires = _read_build_system(root).get("requires", [])
    return [item for item in requires if isinstance(item, str)] if isinstance(requires, list) else []
