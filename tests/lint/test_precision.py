"""No false alarm on what real prompts are full of: measured over a labelled set, and printed (`pytest -s`)."""

from collections import Counter

from claudepack.lint.engine import check_subject
from labelled import Labelled, Maker, make_clean, make_faulty
from subjects import make_subject

LEAST_PRECISION, LEAST_RECALL = 0.98, 0.98


def test_what_is_told_is_so_and_what_is_so_is_told(*, full: bool) -> None:
    scale = 10 if full else 1
    clean = list(make_clean(Maker(1), 4_900 * scale))
    faulty = list(make_faulty(Maker(2), 1_120 * scale))
    right, wrong, missed = Counter[str](), Counter[str](), Counter[str]()
    for item in [*clean, *faulty]:
        found = _find(item)
        right.update(item.codes & found)
        missed.update(item.codes - found)
        wrong.update(found - item.codes)

    precision = right.total() / (right.total() + wrong.total())
    recall = right.total() / (right.total() + missed.total())
    lines = sum(text.count("\n") for item in clean for text in item.files.values())
    print(  # noqa: T201 - the figures are what is asked for
        f"\n{lines} clean lines, {len(faulty)} faults: precision {precision:.4f}, recall {recall:.4f}; "
        f"false {dict(wrong)}, missed {dict(missed)}"
    )
    assert precision >= LEAST_PRECISION, wrong
    assert recall >= LEAST_RECALL, missed


def _find(item: Labelled) -> set[str]:
    """The codes of what is found; on the page of a rule others may have something to say, too."""
    found = {finding.code for finding in check_subject(make_subject(item.files))}
    return found & item.codes if item.is_page else found
