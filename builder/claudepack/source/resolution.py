"""Which versions of packs go together: what is required of each is put together until nothing is open.

An index chooses (`Choose` asks pip for the highest version that all requirements allow); here is only who requires
what. pip's own walk through dependencies is not used: it builds whatever a dependency names by a URL, which runs code,
`--only-binary` or not.
"""

import contextlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from claudepack.errors import ClaudepackError
from claudepack.pack.requires import Need, read_needs

_ROUNDS, _TRIES = 50, 12

Choose = Callable[[Mapping[str, "Ask"]], Mapping[str, "Version"]]


class Ask(NamedTuple):
    """Which versions of a distribution will do, and the distributions that require it."""

    specifier: str
    by: tuple[str, ...]


class Version(NamedTuple):
    """A version of a pack: what it requires, and whether it may be exchanged for another."""

    version: str
    requires: tuple[str, ...] = ()


class NoMatchError(ClaudepackError):
    """An index has no version of a distribution that was asked for; it has these."""

    def __init__(self, message: str, *, distribution: str, versions: tuple[str, ...], hint: str = "") -> None:
        super().__init__(message, code="version" if versions else "not-found", hint=hint)
        self.distribution, self.versions = distribution, versions


class _ConflictError(ClaudepackError):
    def __init__(self, needs: Iterable[Need], message: str, hint: str) -> None:
        super().__init__(message, code="requires", hint=hint)
        self.needs = tuple(needs)


@dataclass
class _State:
    roots: tuple[Need, ...]
    fixed: Mapping[str, Version]
    excluded: Mapping[str, frozenset[str]]
    chosen: dict[str, Version] = field(default_factory=dict)

    def list_needs(self) -> dict[str, list[Need]]:
        """All that is required, by distribution; what nobody requires any more is chosen no more."""
        open_names = [*self.fixed, *(need.distribution for need in self.roots)]
        needs: dict[str, list[Need]] = {}
        for need in self.roots:
            needs.setdefault(need.distribution, []).append(need)
        seen: set[str] = set()
        while open_names:
            name = open_names.pop()
            known = self.fixed.get(name) or self.chosen.get(name)
            if name in seen or known is None:
                continue
            seen.add(name)
            for need in read_needs(f"{name} {known.version}", known.requires):
                needs.setdefault(need.distribution, []).append(need)
                open_names.append(need.distribution)
        self.chosen = {name: version for name, version in self.chosen.items() if name in seen}
        return needs


def resolve(
    roots: Iterable[Need], fixed: Mapping[str, Version], choose: Choose, before: Mapping[str, Version] | None = None
) -> dict[str, Version]:
    """Choose a version of everything that is required and not fixed.

    Args:
        roots: What is asked for.
        fixed: The packs that are what they are, by distribution.
        choose: Asks for the best version of each distribution within a specifier.
        before: What was chosen before, and stays where it will do.

    Raises:
        ClaudepackError: No versions go together; both sides are named, and what each would take.
    """
    return _attempt(_State(tuple(roots), fixed, {}, dict(before or {})), choose, [_TRIES])


def _attempt(state: _State, choose: Choose, left: list[int]) -> dict[str, Version]:
    """Settle, if need be without the version of a pack that requires what cannot be."""
    try:
        return _settle(state, choose)
    except _ConflictError as error:
        for culprit in _list_culprits(error, state):
            if not left[0]:
                break
            left[0] -= 1
            dead = state.excluded.get(culprit, frozenset()) | {state.chosen[culprit].version}
            with contextlib.suppress(NoMatchError, _ConflictError):
                return _attempt(_State(state.roots, state.fixed, {**state.excluded, culprit: dead}), choose, left)
        raise


def _settle(state: _State, choose: Choose) -> dict[str, Version]:
    tried: list[dict[str, Version]] = []
    unmet: list[Need] = []
    while True:
        needs = state.list_needs()
        wanted = {}
        for name, asked in needs.items():
            known = state.fixed.get(name) or state.chosen.get(name)
            bad = [need for need in asked if known and not need.allows(known.version)]
            if bad and name in state.fixed:
                raise _explain_fixed(name, state.fixed[name], bad)
            unmet += bad
            if known is None or bad:
                by = tuple(need.by.partition(" ")[0] for need in asked)
                wanted[name] = Ask(_join(asked, state.excluded.get(name, frozenset())), by)
        if not wanted:
            return state.chosen
        if state.chosen in tried or len(tried) == _ROUNDS:
            raise _explain_circle(unmet)
        tried.append(dict(state.chosen))
        try:
            state.chosen.update(choose(wanted))
        except NoMatchError as error:
            raise _explain(error, needs.get(error.distribution, [])) from error


def _join(needs: list[Need], excluded: frozenset[str]) -> str:
    clauses = {clause.strip() for need in needs for clause in str(need.specifier).split(",") if clause.strip()}
    return ",".join(sorted({*clauses, *(f"!={version}" for version in excluded)}))


def _list_culprits(error: _ConflictError, state: _State) -> list[str]:
    """The packs whose other versions may require something else: those that were chosen, the last to speak first."""
    names = [need.by.partition(" ")[0] for need in reversed(error.needs)]
    return [name for name in dict.fromkeys(names) if name in state.chosen]


def _explain_fixed(name: str, known: Version, bad: list[Need]) -> _ConflictError:
    short = name.removeprefix("claudepack-")
    return _ConflictError(
        bad,
        f"{bad[0]}, and the project has {name} {known.version}",
        f"claudepack install '{short}{bad[0].specifier}', or ask for another version of what requires it",
    )


def _explain_circle(unmet: list[Need]) -> _ConflictError:
    said = " and ".join(dict.fromkeys(str(need) for need in unmet))
    names = " and ".join(dict.fromkeys(need.distribution.removeprefix("claudepack-") for need in unmet))
    return _ConflictError(
        unmet,
        f"{said}: they go round in circles",
        f"ask for versions of {names} that agree",
    )


def _explain(error: NoMatchError, needs: list[Need]) -> ClaudepackError:
    limiting = [need for need in needs if str(need.specifier)] or needs
    askers = dict.fromkeys(str(need) for need in limiting)
    if not [need for need in needs if need.by]:
        return error
    said = " and ".join(askers)
    if not error.versions:
        return _ConflictError(needs, f"{said}, and {error.message}", error.hint)
    suits = "; ".join(
        f"{need.text} is satisfied by {', '.join(filter(need.allows, error.versions)) or 'none of them'}"
        for need in {need.text: need for need in limiting}.values()
    )
    return _ConflictError(
        needs,
        f"{said}, and no version of {error.distribution} is all of that (there are {', '.join(error.versions)})",
        f"{suits}: ask for versions of both sides that agree",
    )
