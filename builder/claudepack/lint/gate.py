"""The gate before a pack is built or installed: its errors refuse it."""

from collections.abc import Sequence

from claudepack.errors import ClaudepackError
from claudepack.lint.engine import check_subject
from claudepack.lint.reading import subject_of_pack
from claudepack.pack.tree import Pack
from claudepack.report.finding import Finding


def refuse_errors(pack: Pack, also: Sequence[str] = ()) -> list[Finding]:
    """Refuse a pack that has errors.

    Args:
        pack: The pack.
        also: Codes of rules whose findings are errors here, too.

    Returns:
        What else was found.

    Raises:
        ClaudepackError: With every error in its message, and the first one's slug for its code.
    """
    findings = check_subject(subject_of_pack(pack))
    errors = [finding for finding in findings if finding.severity == "error" or finding.code in also]
    if errors:
        where = f"{pack.name} {pack.version}: "
        lines = "\n  ".join(f"{finding} ({finding.hint})" if finding.hint else str(finding) for finding in errors)
        message = lines if len(errors) == 1 else f"{len(errors)} errors\n  {lines}"
        raise ClaudepackError(where + message, code=errors[0].slug, hint="mend the pack; nothing was changed")
    return findings
