"""Which repositories are meant: `backend<1.2.3` has such a version of a pack, `backend` any, `!` is the contrary."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from claudepack.errors import ClaudepackError
from claudepack.source.requirement import parse_requirement

if TYPE_CHECKING:
    from packaging.specifiers import SpecifierSet


@dataclass(frozen=True)
class Condition:
    """What is asked of the packs of a repository.

    Attributes:
        name: The pack.
        specifier: Which versions of it; empty for any.
        is_negated: Whether the contrary is asked.
    """

    name: str
    specifier: "SpecifierSet"
    is_negated: bool = False

    def holds(self, versions: Mapping[str, str]) -> bool:
        """Whether it is so, given the installed version of each pack."""
        return self.is_negated != (self.name in versions and self._allows(versions[self.name]))

    def _allows(self, version: str) -> bool:
        from packaging.version import InvalidVersion, Version

        try:
            return not self.specifier or self.specifier.contains(Version(version), prereleases=True)
        except InvalidVersion:
            return False  # neither older nor newer


def parse_condition(text: str) -> Condition:
    """Read a condition.

    Raises:
        ClaudepackError: It is none.
    """
    from packaging.specifiers import SpecifierSet

    try:
        requirement = parse_requirement(text.strip().removeprefix("!"))
    except ClaudepackError as error:
        raise _refuse(text) from error
    if not requirement.name:
        raise _refuse(text)
    return Condition(requirement.name, SpecifierSet(requirement.specifier), text.strip().startswith("!"))


def _refuse(text: str) -> ClaudepackError:
    return ClaudepackError(
        f"--where {text!r} names no pack", code="usage", hint="write backend, backend<1.2.3, or !backend"
    )
