"""Every rule has a page, and what the page shows is so: the bad example has the fault, the good one has none."""

import pytest

from claudepack.lint.engine import check_subject
from claudepack.lint.page import read_page
from claudepack.lint.registry import GROUPS, Rule, load_rules
from subjects import make_subject

RULES = list(load_rules().values())
# What the real client says is asked in tests/client/test_check.py.
PURE = [rule for rule in RULES if not rule.code.startswith("CL")]


@pytest.mark.parametrize("rule", PURE, ids=lambda rule: rule.code)
def test_the_bad_example_has_the_fault_and_the_good_one_has_none(rule: Rule) -> None:
    page = read_page(rule)

    found = [finding.code for finding in check_subject(make_subject(page.bad))]
    assert rule.code in found
    assert check_subject(make_subject(page.good)) == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_a_page_says_what_and_why(rule: Rule) -> None:
    page = read_page(rule)

    assert page.summary.endswith(".")
    assert page.why
    assert rule.code[:2] in GROUPS
