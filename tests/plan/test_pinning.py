"""The lock goes ahead: it pins what is wanted, and what is installed stays the base of its files."""

import pytest

from claudepack.plan.pinning import pin_only
from claudepack.plan.wanted import Wanted, want_pack
from claudepack.project.lock import EMPTY, Lock, LockedContext, LockedPack
from claudepack.project.manifest import EMPTY as NO_MANIFEST
from claudepack.project.manifest import Entry
from packs_in_memory import make_test_pack

A = ".claude/agents/a.md"
CONTEXT = LockedContext("inline", "CLAUDE.md", "1" * 64, created=True, before="\n")


def _want(version: str, requested: str = "") -> Wanted:
    pack = make_test_pack({"agents/a.md": f"Version {version}.\n"}, name="x", version=version)
    return want_pack(pack, Entry(requested), NO_MANIFEST, ".claude/", {"kind": "path"})


def _install(version: str) -> LockedPack:
    """A pack as it is locked once it is installed, with all that only an installed one has."""
    return _want(version).entry._replace(
        files={A: version * 8}, executable=(A,), adopted=(A,), context=CONTEXT, pending={A: "2" * 64}
    )


def test_what_is_not_installed_is_pinned_without_a_file() -> None:
    want = _want("1.0.0")

    lock = pin_only({"x": want}, EMPTY)

    assert lock.packs == {"x": want.entry._replace(files={}, ahead=True)}


@pytest.mark.parametrize("is_ahead", [False, True])
def test_another_version_is_pinned_over_the_bases_of_the_one_that_is_installed(*, is_ahead: bool) -> None:
    old = _install("1.0.0")._replace(ahead=is_ahead)

    [pinned] = pin_only({"x": _want("2.0.0")}, Lock({"x": old}, (".claude",))).packs.values()

    assert (pinned.version, pinned.digest, pinned.ahead) == ("2.0.0", _want("2.0.0").entry.digest, True)
    assert pinned._replace(version=old.version, digest=old.digest, ahead=is_ahead) == old


@pytest.mark.parametrize("is_ahead", [False, True])
def test_what_is_locked_already_stays_as_it_is(*, is_ahead: bool) -> None:
    lock = Lock({"x": _install("1.0.0")._replace(ahead=is_ahead)}, (".claude", ".claude/agents"))

    assert pin_only({"x": _want("1.0.0")}, lock) == lock


def test_what_the_manifest_says_otherwise_is_pinned() -> None:
    lock = pin_only({"x": _want("1.0.0", ">=1")}, Lock({"x": _install("1.0.0")}, ()))

    assert (lock.packs["x"].requested, lock.packs["x"].ahead) == (">=1", True)


def test_what_is_no_longer_wanted_is_to_go_and_keeps_its_files_until_then() -> None:
    old = _install("1.0.0")

    assert pin_only({}, Lock({"x": old}, (".claude",))) == Lock({"x": old._replace(ahead=True)}, (".claude",))
