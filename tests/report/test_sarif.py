"""A log is what the schema of SARIF 2.1.0 says that one is."""

import json
import os
import shutil
from pathlib import Path

import jsonschema
import pytest

from claudepack.report.finding import Edit, Finding
from claudepack.report.sarif import Told, render_sarif
from npm_project import install_packages

RULES = [
    Told("FM001", "unreadable", "error", "It cannot be read.", "Then it is not there."),
    Told("EN006", "odd", "note", "It is odd.", "It may be."),
]
FINDINGS = [
    Finding(
        "FM001",
        "unreadable",
        "error",
        "a/b c.md",
        3,
        2,
        5,
        "it's “so”",
        "mend it",
        "x: y",
        (Edit(0, 3, b""), Edit(5, 5, b"\xff")),
    ),
    Finding("FM001", "unreadable", "error", "a.md", 3, 0, 0, "whole line", ""),
    Finding("EN006", "odd", "note", os.fsdecode(b"\xff.md"), 0, 0, 0, "half \udcff pair", "see"),
    Finding("EN006", "odd", "note", "a.md", 1, 4, 0, "to the end of the line", "see"),
]


@pytest.fixture(scope="module")
def schema() -> dict[str, object]:
    """The official one, from the only package on a registry that ships it."""
    if not shutil.which("npm"):
        pytest.skip("npm is not installed")
    modules = install_packages(Path(__file__).parent / "sarif")
    read: dict[str, object] = json.loads(
        (modules / "@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json").read_text("utf-8")
    )
    return read


@pytest.mark.network
@pytest.mark.parametrize("findings", [FINDINGS, []], ids=["findings", "nothing"])
def test_a_log_is_valid(findings: list[Finding], schema: dict[str, object]) -> None:
    validator = jsonschema.Draft7Validator(schema)
    log = json.loads(render_sarif(findings, RULES, "1.2.3"))

    assert [error.message for error in validator.iter_errors(log)] == []
    log["runs"][0]["results"] = [{"level": "fatal"}]
    assert list(validator.iter_errors(log)), "else the test could not fail"


def test_a_result_says_where_and_how_to_mend() -> None:
    [run] = json.loads(render_sarif(FINDINGS, RULES, "1.2.3"))["runs"]
    first, second, third, fourth = run["results"]

    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["FM001", "EN006"]
    assert (first["ruleId"], first["ruleIndex"], first["level"]) == ("FM001", 0, "error")
    assert first["message"] == {"text": "it's “so”: mend it"}
    place = first["locations"][0]["physicalLocation"]
    assert place == {
        "artifactLocation": {"uri": "a/b%20c.md"},
        "region": {"startLine": 3, "startColumn": 2, "endColumn": 5},
    }
    [change] = first["fixes"][0]["artifactChanges"]
    assert change["replacements"][0] == {
        "deletedRegion": {"byteOffset": 0, "byteLength": 3},
        "insertedContent": {"text": ""},
    }
    assert second["locations"][0]["physicalLocation"]["region"] == {"startLine": 3}
    assert third["locations"][0]["physicalLocation"] == {"artifactLocation": {"uri": "%FF.md"}}
    assert third["message"] == {"text": "half ? pair: see"}
    assert fourth["locations"][0]["physicalLocation"]["region"] == {"startLine": 1, "startColumn": 4}
