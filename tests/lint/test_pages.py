"""Every rule has a page, and what the page shows is so: the bad example has the fault, the good one has none."""

import pytest

from claudepack.lint.engine import check_subject
from claudepack.lint.page import read_page, unfold
from claudepack.lint.registry import GROUPS, Rule, load_rules
from claudepack.lint.selection import Selection
from subjects import make_subject

RULES = list(load_rules().values())
# What the real client says is asked in tests/client/test_check.py.
PURE = [rule for rule in RULES if not rule.code.startswith("CL")]


@pytest.mark.parametrize("rule", PURE, ids=lambda rule: rule.code)
def test_the_bad_example_has_the_fault_and_the_good_one_has_none(rule: Rule) -> None:
    page = read_page(rule)
    selection = Selection() if rule.usual else Selection((rule.code,))

    bad, good = (make_subject({path: unfold(text) for path, text in files.items()}) for files in (page.bad, page.good))
    found = [finding.code for finding in check_subject(bad, selection)]
    assert rule.code in found
    assert check_subject(good, selection) == []
    assert [finding for finding in check_subject(good) if finding.severity != "note"] == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_a_page_says_what_and_why(rule: Rule) -> None:
    page = read_page(rule)

    assert page.summary.endswith(".")
    assert page.why
    assert rule.page.encode()  # as Python 3.13 wants it of a docstring: one that is no UTF-8 is no module
    assert rule.code[:2] in GROUPS
