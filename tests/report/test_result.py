"""The one object that programs read: its keys are the contract, whatever a verb adds."""

import json

from claudepack.report.result import Change, PackChange, Result, as_document

EMPTY = {"command": "sync", "exit": 0, "packs": [], "changes": [], "conflicts": [], "notices": [], "error": None}


def test_every_key_is_there_when_nothing_happened() -> None:
    assert as_document(Result("sync")) == EMPTY


def test_what_is_for_people_is_left_out() -> None:
    result = Result(
        "install",
        3,
        (PackChange("mine", "1.1", "1.0"),),
        (Change("a.md", "conflict", "mine", "binary"),),
        ("a.md",),
        ("a note",),
        ("a line",),
    )

    assert json.loads(json.dumps(as_document(result))) == {
        "command": "install",
        "exit": 3,
        "packs": [{"name": "mine", "version": "1.1", "previous": "1.0"}],
        "changes": [{"path": "a.md", "action": "conflict", "pack": "mine"}],
        "conflicts": ["a.md"],
        "notices": ["a note"],
        "error": None,
    }


def test_a_verb_adds_its_own_and_an_error_is_told() -> None:
    error = {"code": "lock", "message": "m", "hint": "h"}
    document = as_document(Result("status", 2, extra={"files": []}), error)
    assert document == {**EMPTY, "command": "status", "exit": 2, "error": error, "files": []}
