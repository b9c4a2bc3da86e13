"""PK: what a pack says of itself."""

import re
from collections.abc import Iterator, Mapping

from claudepack.errors import ClaudepackError
from claudepack.lint.fault import Fault
from claudepack.lint.registry import tree_rule
from claudepack.lint.said import README, as_fault, find_line, read_identity, read_pack_settings, read_table
from claudepack.lint.subject import Facts, Subject
from claudepack.pack.directory import PYPROJECT
from claudepack.pack.identity import PREFIX, Identity
from claudepack.pack.requires import read_needs
from claudepack.pack.tree import CHANGELOG, CONTEXTS, SETTINGS
from claudepack.paths import COMPONENT_FOLDERS


@tree_rule("PK001", "unreadable-pyproject", "error")
def find_bad_pyproject(subject: Subject, _facts: Mapping[str, Facts]) -> Iterator[Fault]:
    """The `pyproject.toml` of a pack does not describe one.

    Why:
        A pack is the distribution `claudepack-NAME` with a version as PEP 440 has it, and one entry point that names
        its module. Otherwise neither pip nor claudepack finds it. One that is no TOML is told wherever it lies: nobody
        can say whether it is a pack's.

    Bad:
        pyproject.toml:
            [project]
            name = "claudepack-review"
            version = "first"
            [project.entry-points."claudepack.packs"]
            review = "claudepack_review"
        README.md:
            Reviews.
        prompts/review.md:
            Look twice.

    Good:
        pyproject.toml:
            [project]
            name = "claudepack-review"
            version = "1.0"
            [project.entry-points."claudepack.packs"]
            review = "claudepack_review"
        README.md:
            Reviews.
        prompts/review.md:
            Look twice.
    """
    if PYPROJECT in subject.files:
        fault = read_identity(subject)
        if isinstance(fault, ClaudepackError):
            yield as_fault(fault, PYPROJECT)


@tree_rule("PK002", "unreadable-pack-toml", "error")
def find_bad_settings(subject: Subject, _facts: Mapping[str, Facts]) -> Iterator[Fault]:
    """The `pack.toml` of a pack cannot be read: its format, `requires-claude-code`, its variables.

    Why:
        Nothing of the pack is installed then.

    Bad:
        pack.toml:
            requires-claude-code = "two"
        prompts/review.md:
            Look twice.

    Good:
        pack.toml:
            requires-claude-code = ">=2.1"
        prompts/review.md:
            Look twice.
    """
    fault = read_pack_settings(subject)
    if isinstance(fault, ClaudepackError):
        yield as_fault(fault, SETTINGS)


@tree_rule("PK003", "unfit-requirement", "error")
def find_bad_requirements(subject: Subject, _facts: Mapping[str, Facts]) -> Iterator[Fault]:
    """What a pack requires is no requirement on another pack.

    Why:
        Packs require packs, by name and version. What else stands under `dependencies`, such as a library, pip would
        install and claudepack would not.

    Bad:
        pyproject.toml:
            [project]
            name = "claudepack-review"
            version = "1.0"
            dependencies = ["claudepack-base @ https://example.org/base.whl"]
            [project.entry-points."claudepack.packs"]
            review = "claudepack_review"
        README.md:
            Reviews.
        prompts/review.md:
            Look twice.

    Good:
        pyproject.toml:
            [project]
            name = "claudepack-review"
            version = "1.0"
            dependencies = ["claudepack-base>=1,<2"]
            [project.entry-points."claudepack.packs"]
            review = "claudepack_review"
        README.md:
            Reviews.
        prompts/review.md:
            Look twice.
    """
    identity = subject.pack.identity if subject.pack else read_identity(subject)
    if not isinstance(identity, Identity):
        return
    for text in identity.requires:
        try:
            read_needs(identity.name, [text])
        except ClaudepackError as error:
            yield Fault(error.message, error.hint, find_line(subject, PYPROJECT, text), path=PYPROJECT)


@tree_rule("PK004", "requires-no-pack", "warning")
def find_foreign_requirements(subject: Subject, _facts: Mapping[str, Facts]) -> Iterator[Fault]:
    """A pack requires what is no pack.

    Why:
        `pip install` of the pack would install it, and `claudepack install` would not: files are copied, and nothing is
        run.

    Bad:
        pyproject.toml:
            [project]
            name = "claudepack-review"
            version = "1.0"
            dependencies = ["requests"]
            [project.entry-points."claudepack.packs"]
            review = "claudepack_review"
        README.md:
            Reviews.
        prompts/review.md:
            Look twice.

    Good:
        pyproject.toml:
            [project]
            name = "claudepack-review"
            version = "1.0"
            dependencies = ["Claudepack_Base"]
            [project.entry-points."claudepack.packs"]
            review = "claudepack_review"
        README.md:
            Reviews.
        prompts/review.md:
            Look twice.
    """
    project = read_table(subject).get("project")
    listed = project.get("dependencies") if isinstance(project, dict) else None
    for text in listed if isinstance(listed, list) else ():
        if isinstance(text, str) and not re.sub(r"[-_.]+", "-", text.strip().lower()).startswith(PREFIX):
            why = f"{text!r} is no pack, and claudepack installs packs only"
            yield Fault(why, "leave it out", find_line(subject, PYPROJECT, text), path=PYPROJECT)


@tree_rule("PK005", "version-not-in-changelog", "warning")
def find_silent_versions(subject: Subject, _facts: Mapping[str, Facts]) -> Iterator[Fault]:
    """The changelog of a pack does not have its version.

    Why:
        `outdated` and `update` show people what a version brings from there.

    Bad:
        pyproject.toml:
            [project]
            name = "claudepack-review"
            version = "1.1"
            [project.entry-points."claudepack.packs"]
            review = "claudepack_review"
        CHANGELOG.md:
            ## 1.0
        README.md:
            Reviews.
        prompts/review.md:
            Look twice.

    Good:
        pyproject.toml:
            [project]
            name = "claudepack-review"
            version = "1.1"
            [project.entry-points."claudepack.packs"]
            review = "claudepack_review"
        CHANGELOG.md:
            ## [1.1] - 2026-01-01
            ## 1.0
        README.md:
            Reviews.
        prompts/review.md:
            Look twice.
    """
    identity = read_identity(subject)
    if isinstance(identity, Identity) and CHANGELOG in subject.files:
        version = re.escape(identity.version)
        if not re.search(rf"^#+.*(?<![\w.])v?{version}(?![\w.]*\w)", subject.read(CHANGELOG).content, re.MULTILINE):
            yield Fault(
                f"there is no heading with the version {identity.version}", "say what it brings", path=CHANGELOG
            )


@tree_rule("PK006", "no-readme", "note")
def find_missing_readme(subject: Subject, _facts: Mapping[str, Facts]) -> Iterator[Fault]:
    """A pack has no `README.md`.

    Why:
        Indexes show it, and it is where people look for what a pack is for and what it runs.

    Bad:
        pyproject.toml:
            [project]
            name = "claudepack-review"
            version = "1.0"
            [project.entry-points."claudepack.packs"]
            review = "claudepack_review"
        prompts/review.md:
            Look twice.

    Good:
        pyproject.toml:
            [project]
            name = "claudepack-review"
            version = "1.0"
            [project.entry-points."claudepack.packs"]
            review = "claudepack_review"
        README.md:
            Reviews.
        prompts/review.md:
            Look twice.
    """
    if subject.layout == "pack" and PYPROJECT in subject.files and README not in subject.files:
        yield Fault("there is no README.md", "say what the pack is for, and what it runs", path=README)


@tree_rule("PK007", "wheel-leaves-out", "warning")
def find_left_out(subject: Subject, _facts: Mapping[str, Facts]) -> Iterator[Fault]:
    """The wheel of a pack would lack a folder, or hold it elsewhere than the entry point says.

    Why:
        The wheel holds what `only-include` names, under the module that `sources` names. Who builds with another tool
        than `claudepack build` is not told.

    Bad:
        pyproject.toml:
            [project]
            name = "claudepack-review"
            version = "1.0"
            [project.entry-points."claudepack.packs"]
            review = "claudepack_review"
            [tool.hatch.build.targets.wheel]
            only-include = ["agents"]
            sources = { "" = "claudepack_review" }
        README.md:
            Reviews.
        prompts/review.md:
            Look twice.

    Good:
        pyproject.toml:
            [project]
            name = "claudepack-review"
            version = "1.0"
            [project.entry-points."claudepack.packs"]
            review = "claudepack_review"
            [tool.hatch.build.targets.wheel]
            only-include = ["agents", "prompts"]
            sources = { "" = "claudepack_review" }
        README.md:
            Reviews.
        prompts/review.md:
            Look twice.
    """
    wheel: object = read_table(subject)
    for key in ("tool", "hatch", "build", "targets", "wheel"):
        wheel = wheel.get(key) if isinstance(wheel, dict) else None
    identity = read_identity(subject)
    if not isinstance(wheel, dict) or not isinstance(identity, Identity):
        return
    included, sources = wheel.get("only-include"), wheel.get("sources")
    wholes = (*COMPONENT_FOLDERS, SETTINGS, *CONTEXTS, "settings.json", "mcp.json")
    tops = {path.partition("/")[0] for path in subject.files} & set(wholes)
    for top in sorted(tops - set(map(str, included))) if isinstance(included, list) else ():
        why = f"only-include does not name {top!r}"
        yield Fault(why, f'add "{top}"', find_line(subject, PYPROJECT, "only-include"), path=PYPROJECT)
    if isinstance(sources, dict) and identity.module not in sources.values():
        hint = f'sources = {{ "" = "{identity.module}" }}'
        why = f"sources does not lead to {identity.module}, which the entry point names"
        yield Fault(why, hint, find_line(subject, PYPROJECT, "sources"), path=PYPROJECT)
