"""What came of a repository, kept in the user's cache: while nothing has changed, it need not even be cloned again.

An answer holds for one spec, while the repository has the same commits on the same branches, and its question about
packs is answered alike.
"""

import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from claudepack import __version__
from claudepack.errors import ClaudepackError
from claudepack.fleet.clone import Heads
from claudepack.fleet.packs import Question, find_packs, list_versions
from claudepack.fleet.spec import RepositoryReport, RepositorySpec, dump_report, load_report
from claudepack.project.lock import dump_lock, parse_lock
from claudepack.project.manifest import parse_manifest
from claudepack.source.cache import locate_cache


def keep(spec: RepositorySpec, heads: Heads, question: Question, report: RepositoryReport) -> None:
    """Keep an answer, given what the repository has now; a cache that cannot be written is none."""
    document = {
        "tool": __version__,
        "heads": _describe(heads),
        "manifest": question.manifest.text,
        "pins": dump_lock(question.pins),
        "found": list_versions(find_packs(question)),
        "report": dump_report(report),
    }
    target = _locate(spec)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(
            "w", dir=target.parent, prefix=".new-", delete=False, encoding="utf-8"
        ) as file:
            json.dump(document, file)
        Path(file.name).replace(target)
    except OSError:
        return


def recall(spec: RepositorySpec, heads: Heads, question: Question) -> RepositoryReport | None:
    """The answer for a repository as it is now; None where there is none, or something has changed.

    Args:
        spec: What is asked.
        heads: What the repository has.
        question: How it asks for packs; its manifest and its pins are those that were kept.

    Raises:
        ClaudepackError: The packs cannot be had any more.
    """
    try:
        document = json.loads(_locate(spec).read_text(encoding="utf-8"))
        if document["tool"] != __version__ or document["heads"] != _describe(heads):
            return None
        manifest, pins = parse_manifest(document["manifest"]), parse_lock(document["pins"].encode())
        report, found = load_report(document["report"]), document["found"]
    except (OSError, ValueError, TypeError, KeyError, AttributeError, ClaudepackError):
        return None  # whatever it is, it is no answer
    if list_versions(find_packs(question._replace(manifest=manifest, pins=pins))) != found:
        return None
    os.utime(_locate(spec))  # what is pruned first is what was not used for longest
    if report.state == "pushed":
        return replace(report, state="proposed" if spec.delivery == "branch" else "unchanged", changes=())
    return report


def _describe(heads: Heads) -> Mapping[str, object]:
    return {"branch": heads.branch, "base": heads.base, "ours": dict(heads.ours)}


def _locate(spec: RepositorySpec) -> Path:
    return locate_cache() / "fleet" / f"{spec.key}.json"
