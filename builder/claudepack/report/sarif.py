"""Findings as SARIF 2.1.0, which code hosts and editors read."""

import json
import os
from collections.abc import Sequence
from typing import NamedTuple
from urllib.parse import quote

from claudepack.report.finding import Finding, Severity

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

Node = dict[str, object]


class Told(NamedTuple):
    """A rule as a log tells it."""

    code: str
    slug: str
    severity: Severity
    summary: str
    why: str


def render_sarif(findings: Sequence[Finding], rules: Sequence[Told], version: str) -> str:
    """A log of one run.

    Args:
        findings: What was found.
        rules: The rules that were looked for.
        version: This tool's.
    """
    places = {rule.code: place for place, rule in enumerate(rules)}
    driver = {"name": "claudepack", "version": version, "rules": [_describe(rule) for rule in rules]}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_make_result(finding, places[finding.code]) for finding in findings],
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=1)


def _describe(rule: Told) -> Node:
    return {
        "id": rule.code,
        "name": rule.slug,
        "shortDescription": {"text": rule.summary},
        "fullDescription": {"text": rule.why},
        "help": {"text": f"{rule.summary}\n\n{rule.why}"},
        "defaultConfiguration": {"level": rule.severity},
    }


def _make_result(finding: Finding, place: int) -> Node:
    file: Node = {"uri": quote(os.fsencode(finding.path))}
    location: Node = {"artifactLocation": file}
    if finding.line:
        location["region"] = _make_region(finding)
    text = f"{finding.message}: {finding.hint}" if finding.hint else finding.message
    result: Node = {
        "ruleId": finding.code,
        "ruleIndex": place,
        "level": finding.severity,
        "message": {"text": _readable(text)},
        "locations": [{"physicalLocation": location}],
    }
    if finding.edits:
        replacements = [
            {
                "deletedRegion": {"byteOffset": edit.start, "byteLength": edit.end - edit.start},
                "insertedContent": {"text": edit.new.decode("utf-8", "replace")},
            }
            for edit in finding.edits
        ]
        result["fixes"] = [{"artifactChanges": [{"artifactLocation": file, "replacements": replacements}]}]
    return result


def _make_region(finding: Finding) -> Node:
    region: Node = {"startLine": finding.line}
    if finding.column:
        region["startColumn"] = finding.column
    if finding.column and finding.end > finding.column:
        region["endColumn"] = finding.end
    return region


def _readable(text: str) -> str:
    """Without halves of surrogate pairs, which stand for bytes that are not UTF-8."""
    return text.encode("utf-8", "replace").decode()
