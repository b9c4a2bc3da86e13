"""How a pack of the project stands to what is to be had of it."""

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from packaging.specifiers import SpecifierSet
from packaging.version import InvalidVersion, Version

from claudepack.commands.finding import DEPENDENCY
from claudepack.commands.indexes import find_shown, open_registry
from claudepack.commands.options import Mode, Opened
from claudepack.errors import ClaudepackError
from claudepack.pack.identity import PREFIX
from claudepack.pack.requires import Need, read_needs
from claudepack.plan.rest import as_locked
from claudepack.project.lock import LockedPack, read_version
from claudepack.source.archives import open_stage
from claudepack.source.git import find_pin, list_tags
from claudepack.source.pip import Index, ask_index, list_versions
from claudepack.source.places import find_path, list_versions_here
from claudepack.source.requirement import Repository
from claudepack.source.resolution import NoMatchError


class Standing(NamedTuple):
    """What is installed of a pack, what `update` would take, what the newest is, and why that is not taken."""

    name: str
    installed: str
    wanted: str
    latest: str
    why: str

    @property
    def is_behind(self) -> bool:
        """Whether there is something newer, or the installed version was taken back."""
        return bool(self.why) or {self.wanted, self.latest} != {self.installed}


def compare(opened: Opened, mode: Mode, name: str) -> Standing:
    """How one pack stands.

    Raises:
        ClaudepackError: Its place does not answer, or the lock has no version of it.
    """
    locked = opened.lock.packs[name]
    kind = locked.source.get("kind")
    if kind == "git":
        return _compare_commit(opened, name, locked)
    if kind in ("path", "archive"):
        here = find_path(locked.source["path"], Path(opened.project.root)).pack
        why = "its files have changed" if here.digest != locked.digest and here.version == locked.version else ""
        version = as_locked(here, locked).version
        return Standing(name, locked.version, version, version, why)
    installed = read_version(name, locked)
    if kind == "index":
        index = find_index(opened, mode, name, locked)
        versions = list_offered(name, index)
        is_offered = installed in map(Version, versions)
        taken_back = "" if is_offered else ask_after(name, locked.version, index)
    else:
        versions, taken_back = list_versions_here(name, Path(opened.project.root)), ""
    specifier = opened.manifest.packs.get(name, DEPENDENCY).version
    return judge(name, locked.version, specifier, versions, list_needs(opened, name), taken_back)


def judge(  # noqa: PLR0913, PLR0917 - the six things that it depends on
    name: str, installed: str, specifier: str, versions: Iterable[str], needs: Iterable[Need], taken_back: str
) -> Standing:
    """How a version stands to those that there are.

    Args:
        name: The pack.
        installed: Its version.
        specifier: Which versions the manifest wants.
        versions: Those that there are, without yanked ones.
        needs: What other packs require of it.
        taken_back: Why the installed one is not among them; empty where it is.
    """
    parsed = sorted({Version(text) for text in [*versions, *([] if taken_back else [installed])]})
    early = bool(SpecifierSet(specifier).prereleases) or Version(installed).is_prerelease
    stable = [version for version in parsed if early or not version.is_prerelease] or parsed
    needs = list(needs)
    asked = [version for version in stable if SpecifierSet(specifier).contains(version, prereleases=True)]
    fitting = [version for version in asked if all(need.allows(str(version)) for need in needs)]
    spelt = {Version(installed): installed}
    latest = spelt.get(stable[-1], str(stable[-1])) if stable else installed
    wanted = spelt.get(fitting[-1], str(fitting[-1])) if fitting else installed
    reasons = [taken_back] if taken_back else []
    if latest not in {wanted, installed}:
        blocking = [str(need) for need in needs if not need.allows(latest)]
        outside = not SpecifierSet(specifier).contains(latest, prereleases=True)
        reasons += [f"the manifest wants {specifier}"] if outside else []
        reasons += blocking
    return Standing(name, installed, wanted, latest, "; ".join(reasons))


def find_index(opened: Opened, mode: Mode, name: str, locked: LockedPack) -> Index:
    """The index that a pack comes from."""
    own = open_registry(opened, opened.manifest, mode).index_of(PREFIX + name)
    return own or find_shown(opened, opened.manifest, mode, locked.source.get("index", ""))


def list_offered(name: str, index: Index) -> list[str]:
    """The versions of a pack that an index has, without yanked ones.

    Raises:
        ClaudepackError: It does not answer.
    """
    try:
        with open_stage() as stage:
            return list_versions(PREFIX + name, index, stage)
    except NoMatchError:
        return []  # all of them may have been yanked


def ask_after(name: str, version: str, index: Index) -> str:
    """Why an index does not offer a version.

    Raises:
        ClaudepackError: It does not answer.
    """
    try:
        with open_stage() as stage:
            [answer] = ask_index([f"{PREFIX}{name}=={version}"], index, stage)
    except ClaudepackError as error:
        if error.code in {"not-found", "version"}:
            return f"{version} is no longer there"
        raise
    return f"{version} was yanked by its author" if answer.yanked else f"{version} is not offered"


def list_needs(opened: Opened, name: str) -> list[Need]:
    """What the other packs of a project require of one.

    Raises:
        ClaudepackError: One of their requirements is none.
    """
    return [
        need
        for other, pack in opened.lock.packs.items()
        for need in read_needs(f"{other} {pack.version}", pack.requires)
        if need.distribution == PREFIX + name
    ]


def _compare_commit(opened: Opened, name: str, locked: LockedPack) -> Standing:
    """A branch is behind where its commit has moved; a tag, where there is one of a higher version."""
    source = locked.source
    entry = opened.manifest.packs.get(name, DEPENDENCY)
    kind, ref = entry.ref
    repository = Repository(entry.git or source["url"], ref, source.get("subdirectory", ""), kind)
    if kind == "rev":
        return Standing(name, locked.version, locked.version, locked.version, "")
    if kind == "tag":
        newer = [tag for tag in list_tags(repository) if read_tag(tag) > read_tag(ref)]
        latest = max(newer, key=read_tag, default=ref)
        return Standing(name, ref, ref, latest, f"the manifest names the tag {ref}" if newer else "")
    commit = find_pin(repository).commit
    installed, now = (f"{ref or 'HEAD'}@{text[:12]}" for text in (source["commit"], commit))
    return Standing(name, installed, now, now, "")


def read_tag(tag: str) -> Version:
    """The version in a tag such as `v1.2` or `review-1.2`; the lowest of all for others, and for pre-releases."""
    text = tag.rpartition("/")[2]
    for candidate in (text, text.removeprefix("v"), text.rpartition("-")[2].removeprefix("v")):
        try:
            version = Version(candidate)
        except InvalidVersion:
            continue
        return Version("0.dev0") if version.is_prerelease else version
    return Version("0.dev0")
