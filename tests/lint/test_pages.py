"""Every rule has a page, and what the page shows is so: the bad example has the fault, the good one has none."""

import pytest

from claudepack.lint.engine import check_subject
from claudepack.lint.page import read_page
from claudepack.lint.registry import GROUPS, Rule, load_rules
from claudepack.lint.selection import Selection
from subjects import make_subject

RULES = list(load_rules().values())


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_the_bad_example_has_the_fault_and_the_good_one_has_none(rule: Rule) -> None:
    page = read_page(rule)
    selection = Selection() if rule.usual else Selection((rule.code,))

    found = [finding.code for finding in check_subject(make_subject(page.bad), selection)]
    assert rule.code in found
    assert check_subject(make_subject(page.good), selection) == []
    assert check_subject(make_subject(page.good)) == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_a_page_says_what_and_why(rule: Rule) -> None:
    page = read_page(rule)

    assert page.summary.endswith(".")
    assert page.why
    assert rule.code[:2] in GROUPS
