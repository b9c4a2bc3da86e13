"""The gate before a pack is built or installed: its errors refuse it, whatever comments in it say.

It looks at all bytes once, and reads as text only what those say could be wrong.
"""

from collections.abc import Container, Mapping, Sequence
from functools import partial
from types import MappingProxyType

from claudepack.errors import BrokenPackError
from claudepack.hashing import CHUNK
from claudepack.lint.engine import check_subject
from claudepack.lint.registry import load_rules
from claudepack.lint.secrets import is_utf8, may_harm, may_hide, sift
from claudepack.lint.selection import Selection
from claudepack.lint.whole import subject_of_pack
from claudepack.pack.collection import SKILL
from claudepack.pack.components import Component, find_components, place, read_heads
from claudepack.pack.parts import find_part
from claudepack.pack.tree import Pack, PackFile
from claudepack.report.finding import Finding
from claudepack.tasks import Task

# What a pack that is built must not have either, though it may be installed.
BUILDING = ("RF001",)
# What `error.code` says by group or by rule; of every other rule its name.
_SPOKEN = {
    "FM": "frontmatter",
    "FM002": "no-frontmatter",
    "NM": "frontmatter",
    "NM001": "duplicate",
    "RF001": "reference",
    "FL008": "layout",
    "FL010": "layout",
    "ST001": "pack",
}
# What a pack that could be put together does not have: whoever read it has refused that.
_REFUSED = ("FL002", "FL003")
# Of these a rule may find fault with what is plain ASCII.
_READ_ALWAYS = ("settings", "MCP servers", "context")
_NOTE = b"version https://git-lfs"
_CONFLICTS = (b"<<<<<<<", b">>>>>>>")


def check_pack(pack: Pack) -> list[Finding]:
    """All that is wrong with a pack, in the order of its paths."""
    return check_subject(subject_of_pack(pack))


def refuse_errors(
    pack: Pack, also: Sequence[str] = (), passed: Mapping[str, str] = MappingProxyType({})
) -> list[Component]:
    """Refuse a pack that has errors.

    Args:
        pack: The pack.
        also: Codes of rules whose findings are errors here, too.
        passed: By their paths, the hashes of files in which this gate has found nothing before.

    Returns:
        Its components, which had to be read for that.

    Raises:
        BrokenPackError: With every error in its message, and what kind the first one is of for its code.
    """
    heads = read_heads(pack)
    subject = subject_of_pack(pack, heads=heads, is_clean=partial(_is_clean, passed, heads))
    codes = (*(code for code, rule in load_rules().items() if rule.severity == "error"), *also)
    with Task(f"checking {pack.name}"):
        errors = check_subject(subject, Selection(codes, _REFUSED), heeds_comments=False)
    if errors:
        where = f"{pack.name} {pack.version}: "
        lines = "\n  ".join(f"{finding} ({finding.hint})" if finding.hint else str(finding) for finding in errors)
        message = lines if len(errors) == 1 else f"{len(errors)} errors\n  {lines}"
        first = errors[0]
        code = _SPOKEN.get(first.code) or _SPOKEN.get(first.code[:2]) or first.slug
        hint = "mend the pack; nothing was changed"
        raise BrokenPackError(where + message, code=code, hint=hint, parts=_list_parts(pack, errors))
    return find_components(pack, heads)


def _list_parts(pack: Pack, errors: Sequence[Finding]) -> tuple[str, ...]:
    """What to leave out of a pack to be rid of its errors: a file, or a skill whose head is wrong."""
    paths = [finding.path.removesuffix(f"/{SKILL}") for finding in errors]
    return tuple(path for path in dict.fromkeys(paths) if find_part(path, pack, ()))


def _is_clean(passed: Mapping[str, str], heads: Container[str], file: PackFile) -> bool:
    """Whether no error could be found in a text: nothing is hidden in it, it refers to nothing, it holds no secret.

    One that has passed before may have frontmatter, too: only its name is still of interest.
    """
    spot = place(file.path)
    if file.refers or file.size > CHUNK or spot is None or spot[0] in _READ_ALWAYS:
        return False
    if passed.get(file.path) == file.sha256:
        return True
    if file.path in heads:
        return False
    data = file.read()
    sifted = sift(data)
    if data.startswith(_NOTE) or _CONFLICTS[0] in sifted or _CONFLICTS[1] in sifted or may_harm(data, sifted):
        return False
    return file.is_ascii or (is_utf8(data) and not may_hide(sifted))
