"""What packs require of each other, as PEP 508 has it: names and ranges, with markers, and nothing else."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from claudepack.errors import ClaudepackError

if TYPE_CHECKING:
    from packaging.specifiers import SpecifierSet


class Need(NamedTuple):
    """That a version of a distribution is required.

    Attributes:
        by: Who requires it, as people are told; empty for the user.
        distribution: What is required.
        specifier: Which versions of it, may be empty.
        text: The requirement as it was written.
    """

    by: str
    distribution: str
    specifier: "SpecifierSet"
    text: str

    def allows(self, version: str) -> bool:
        """Whether a version will do; a pre-release that is there was asked for by somebody."""
        return self.specifier.contains(version, prereleases=True)

    def __str__(self) -> str:
        """As part of a sentence."""
        return f"{self.by} requires {self.text}" if self.by else f"{self.text} is asked for"


def read_needs(by: str, requires: Iterable[str]) -> list[Need]:
    """The requirements of a pack that hold here.

    Args:
        by: The pack, with its version.
        requires: Its requirements on other packs.

    Raises:
        ClaudepackError: One cannot be parsed, or names a place instead of a version: whoever fetches that for it
            would have to build it, which runs its code.
    """
    from packaging.markers import UndefinedComparison, UndefinedEnvironmentName
    from packaging.requirements import InvalidRequirement, Requirement
    from packaging.utils import canonicalize_name

    needs = []
    for text in requires:
        try:
            requirement = Requirement(text)
            holds = requirement.marker is None or requirement.marker.evaluate()
        except (InvalidRequirement, UndefinedComparison, UndefinedEnvironmentName) as error:
            raise ClaudepackError(
                f"{by} requires {text!r}, which is no requirement (PEP 508)",
                code="requires",
                hint="write one such as claudepack-base>=1 under dependencies in its pyproject.toml",
            ) from error
        if not holds:
            continue
        if requirement.url or requirement.extras:
            raise ClaudepackError(
                f"{by} requires {requirement.name} with {'a URL' if requirement.url else 'extras'}, and a pack is "
                "required by its name and version",
                code="requires",
                hint=f"ask its author to write {requirement.name}>=… instead",
            )
        needs.append(Need(by, canonicalize_name(requirement.name), requirement.specifier, text))
    return needs
