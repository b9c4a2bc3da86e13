"""Packs by name from an index, or from what the cache has of it: chosen, fetched once, and read.

A pack comes from one index. What it requires comes from the same, unless the project says otherwise.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from claudepack.errors import ClaudepackError, IntegrityError
from claudepack.pack.identity import PREFIX
from claudepack.pack.wheel import read_wheel
from claudepack.paths import nearest
from claudepack.source.archives import Kept, find_archive, keep_archive, list_archives, open_stage, read_archive
from claudepack.source.pip import Answer, Index, ask_index, fetch_wheels, pin_line
from claudepack.source.places import Found
from claudepack.source.resolution import Ask, NoMatchError, Version
from claudepack.urls import strip_pin

if TYPE_CHECKING:
    from packaging.version import Version as Parsed

_FEW = 10  # names that a hint may list


@dataclass
class Registry:
    """The indexes of a run.

    Attributes:
        index_of: The index of a distribution that the project names one for; None where it does not.
        usual: The index of all others.
        offline: Whether only the cache is looked into.
    """

    index_of: Callable[[str], Index | None]
    usual: Index
    offline: bool = False
    _answers: dict[tuple[str, str], Answer] = field(default_factory=dict)
    _picked: dict[str, tuple[Answer, Index]] = field(default_factory=dict)

    def choose(self, wanted: Mapping[str, Ask]) -> dict[str, Version]:
        """The best version of each distribution, as `resolution.resolve` asks for it.

        Raises:
            ClaudepackError: An index has none, or does not answer.
        """
        groups: dict[Index, dict[str, str]] = {}
        for name, ask in wanted.items():
            if (name, ask.specifier) not in self._answers:
                groups.setdefault(self._find_index(name, ask), {})[name] = ask.specifier
        for index, asked in groups.items():
            answers = _look_into_cache(asked, index) if self.offline else _ask(asked, index)
            self._answers |= {(answer.distribution, asked[answer.distribution]): answer for answer in answers}
        for name, ask in wanted.items():
            answer = self._answers[name, ask.specifier]
            _refuse_early(answer, ask)
            self._picked[name] = answer, self._find_index(name, ask)
        return {name: _as_version(self._picked[name][0]) for name in wanted}

    def fetch(self, names: Iterable[str]) -> dict[str, Found]:
        """The packs of the versions that were chosen, by pack name.

        Raises:
            ClaudepackError: One cannot be had, or is no pack.
        """
        groups: dict[Index, list[Answer]] = {}
        for name in names:
            answer, index = self._picked[name]
            groups.setdefault(index, []).append(answer)
        found = {}
        for index, answers in groups.items():
            _fetch(answers, index)  # all at once
            for answer in answers:
                name = answer.distribution.removeprefix(PREFIX)
                found[name] = read_archive(partial(_fetch_one, answer, index), partial(_as_found, answer, index))
        return found

    def _find_index(self, name: str, ask: Ask) -> Index:
        own = self.index_of(name)
        if own is not None:
            return own
        inherited = (self._picked[by][1] for by in ask.by if by in self._picked)
        return next(inherited, self.usual)


def find_pinned(name: str, version: str, source: Mapping[str, str], index: Index, *, offline: bool) -> Found:
    """The pack that a lock pins by the URL and the hash of its wheel: from the cache, else from there.

    Raises:
        ClaudepackError: It cannot be had.
        IntegrityError: The file that is there has another hash.
    """
    sha256, url = source.get("sha256", ""), source.get("url", "")

    def keep() -> Kept:
        kept = find_archive(sha256)
        if kept is None and offline:
            raise ClaudepackError(
                f"offline, and {name} {version} is not in the cache", code="offline", hint="leave --offline out once"
            )
        return kept or _fetch_pinned(PREFIX + name, version, url, sha256, index)

    pack = read_archive(keep, lambda kept: read_wheel(kept.path))
    return Found(pack, dict(source), f"{index.shown or 'the index'}")


def _fetch_pinned(distribution: str, version: str, url: str, sha256: str, index: Index) -> Kept:
    lines = [pin_line(distribution, version, "", sha256)]
    if url.startswith(("https://", "http://")):
        lines.insert(0, pin_line(distribution, version, url, sha256))
    origin = {"kind": "index", "index": index.shown, "url": url}
    for number, line in enumerate(lines, start=1):
        with open_stage() as stage:
            try:
                [wheel] = fetch_wheels([line], index, stage)
            except IntegrityError:
                raise
            except ClaudepackError as error:
                if number == len(lines) or error.code == "auth":
                    raise
                continue  # the file has moved: the index knows where to, and the hash is the same
            return keep_archive(wheel, origin)
    raise AssertionError("the last line either served or raised")


def _ask(asked: Mapping[str, str], index: Index) -> list[Answer]:
    try:
        with open_stage() as stage:
            return ask_index([f"{name}{specifier}" for name, specifier in asked.items()], index, stage)
    except NoMatchError as error:
        if not error.versions:
            error.hint = _suggest(error, index)
        raise


def _suggest(error: NoMatchError, index: Index) -> str:
    from claudepack.source.index_names import list_names

    names = list_names(index)
    near = nearest(error.distribution.removeprefix(PREFIX), names)
    is_short = near.startswith("did you mean") or len(names) <= _FEW
    return "; ".join(filter(None, [near if is_short else "", error.hint]))


def _fetch(answers: list[Answer], index: Index) -> dict[str, Kept]:
    """Each wheel from the cache, or fetched, by distribution."""
    kept = {answer.distribution: find_archive(answer.sha256) for answer in answers}
    missing = [answer for answer in answers if kept[answer.distribution] is None]
    if missing:
        lines = [pin_line(item.distribution, item.version, item.url, item.sha256) for item in missing]
        with open_stage() as stage:
            for wheel in fetch_wheels(lines, index, stage):
                name = _read_file_name(wheel)[0]
                [answer] = [item for item in missing if item.distribution == name]
                origin = {"kind": "index", "index": index.shown, "url": _pin_url(answer, index)}
                kept[name] = keep_archive(wheel, origin)
    return {name: item for name, item in kept.items() if item is not None}


def _fetch_one(answer: Answer, index: Index) -> Kept:
    return _fetch([answer], index)[answer.distribution]


def _as_found(answer: Answer, index: Index, kept: Kept) -> Found:
    source = {"kind": "index", "sha256": kept.sha256}
    if index.shown:
        source["index"] = index.shown
    if url := _pin_url(answer, index):
        source["url"] = url
    where = index.shown or "the index"
    notice = f"{answer.distribution} {answer.version} was yanked by its author" if answer.yanked else ""
    return Found(read_wheel(kept.path), source, where, notice)


def _pin_url(answer: Answer, index: Index) -> str:
    """The URL of a wheel as a lock may hold it: none of a machine."""
    if index.folder:
        return f"{index.folder}/{answer.url.rpartition('/')[2]}"
    return strip_pin(answer.url) if answer.url.startswith(("https://", "http://")) else ""


def _as_version(answer: Answer) -> Version:
    from packaging.utils import canonicalize_name

    packs = (text for text in answer.requires if canonicalize_name(_first_word(text)).startswith(PREFIX))
    return Version(answer.version, tuple(packs))


def _first_word(requirement: str) -> str:
    import re

    match = re.match(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)", requirement)
    return match[1] if match else ""


def _refuse_early(answer: Answer, ask: Ask) -> None:
    """Refuse what pip takes: a pre-release where there is nothing else, and that nobody asked for."""
    from packaging.specifiers import SpecifierSet
    from packaging.version import Version as Parsed

    if Parsed(answer.version).is_prerelease and not SpecifierSet(ask.specifier).prereleases:
        short = answer.distribution.removeprefix(PREFIX)
        raise NoMatchError(
            f"of {answer.distribution}{ask.specifier} there is only the pre-release {answer.version}",
            distribution=answer.distribution,
            versions=(answer.version,),
            hint=f"to take it: claudepack install '{short}>={answer.version}'",
        )


def _look_into_cache(asked: Mapping[str, str], index: Index) -> list[Answer]:
    """The best version of each that the cache has from an index."""
    from packaging.specifiers import SpecifierSet

    there: dict[str, dict[Parsed, Kept]] = {name: {} for name in asked}
    for kept in list_archives():
        if kept.path.suffix == ".whl" and kept.origin.get("index") == index.shown:
            name, version = _read_file_name(kept.path)
            if name in there:
                there[name][version] = kept
    answers = []
    for name, specifier in asked.items():
        versions = sorted(there[name], reverse=True)
        fit = list(SpecifierSet(specifier).filter(versions))
        kept_one = find_archive(there[name][max(fit)].sha256) if fit else None
        if kept_one is None:
            has = ", ".join(map(str, versions)) or "none of it"
            raise NoMatchError(
                f"offline, and {name}{specifier} is not in the cache: it has {has}",
                distribution=name,
                versions=tuple(map(str, versions)),
                hint="leave --offline out once",
            )
        pack = read_wheel(kept_one.path)
        url = kept_one.origin.get("url", "")
        answers.append(Answer(name, pack.version, url, kept_one.sha256, pack.identity.requires, yanked=False))
    return answers


def _read_file_name(wheel: Path) -> "tuple[str, Parsed]":
    from packaging.utils import parse_wheel_filename

    name, version, *_ = parse_wheel_filename(wheel.name)
    return name, version
