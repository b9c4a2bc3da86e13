"""What we say that the client does not list is what it was seen not to list, and a rule says so of each."""

import time

import pytest

from agent_files import FILES, NOT_LISTED, name_file
from claudepack.lint.engine import check_subject
from claudepack.lint.facts import find_facts
from claudepack.lint.loading import find_block, find_hook_fault, is_quoted_by_client, read_as_client
from claudepack.lint.subject import Text
from subjects import make_subject


@pytest.mark.parametrize("name", FILES)
def test_an_agent_is_listed_or_an_error_says_why_not(name: str) -> None:
    content = FILES[name]
    path = f"agents/{name_file(name)}"
    subject = make_subject({path: content if isinstance(content, bytes) else content.replace("{name}", name)})

    assert find_facts(Text(subject.files[path])).loads is (name not in NOT_LISTED)
    if name in NOT_LISTED:
        assert any(finding.severity == "error" for finding in check_subject(subject))


BLOCKS = [
    ("---\na: b\n---\n", "a: b\n"),
    ("---\na: b --- c\n---\n", "a: b "),
    ("--- \n---\n", ""),
    ("---\r\na: b\r\n---", "a: b\r\n"),
    ("---\na: b\n", None),
    ("----\na: b\n---\n", None),
    (" ---\na: b\n---\n", None),
    ("", None),
]


@pytest.mark.parametrize(("content", "block"), BLOCKS)
def test_the_block_ends_at_three_dashes_wherever_they_stand(content: str, block: str | None) -> None:
    assert find_block(content) == block


READ = [
    ("a: b\n", {"a": "b"}, False),
    ("a: b: c\n", {"a": "b: c"}, True),
    ('a: "b: c" d\n', {"a": '"b: c" d'}, True),
    ("a: [b] c\nd: [e, f]\n", {"a": "[b] c", "d": ["e", "f"]}, True),
    ("a: b: c\nd: {e: f}\n", {"a": "b: c", "d": "{e: f}"}, True),
    ("a: b\na: c\n", {"a": "c"}, False),
    ("a: !x b\n", {"a": "b"}, False),
    ("a: yes\nb: 1_000\nc: 2024-01-02\n", {"a": "yes", "b": "1_000", "c": "2024-01-02"}, False),
    ("a: &x {b: c}\n<<: *x\n", {"a": {"b": "c"}, "b": "c"}, False),
    ("\n", {}, False),
    ("a: 'b\n", None, False),
    ('a: "b" c\n', None, False),
    ('a: "b\nc"\n', None, False),
    ("a: b: c\r\n", None, False),
    ("words\n", None, False),
    ("- a\n", None, False),
    ("a: b\0\n", None, False),
]


@pytest.mark.parametrize(("block", "fields", "quoted"), READ)
def test_fields_are_read_as_the_client_reads_them(block: str, fields: dict[str, object], *, quoted: bool) -> None:
    assert read_as_client(block) == fields
    assert is_quoted_by_client(block) is quoted


WHOLE = {"type": "command", "command": "x"}
HOOKS: list[tuple[object, str]] = [
    (None, ""),
    (False, ""),
    ("", ""),
    ({}, ""),
    ({"PreToolUse": None}, ""),
    ({"PreToolUse": [{"matcher": "Bash", "hooks": [{**WHOLE, "timeout": 10}]}]}, ""),
    ({"PreToolUse": [{"hooks": [{"type": "http", "url": "https://example.org"}]}]}, ""),
    ({"Stop": 3}, ""),
    ([], "no map"),
    ("x", "no map"),
    (True, "no map"),
    ({"PreToolUse": {}}, "no list"),
    ({"PreToolUse": ["x"]}, "no list `hooks`"),
    ({"PreToolUse": [{"matcher": 3, "hooks": []}]}, "matcher"),
    ({"PermissionRequest": [{"hooks": [{"type": "x"}]}]}, "no type of"),
    ({"PermissionRequest": [{"hooks": [{"type": "prompt"}]}]}, "`prompt`"),
    ({"PreToolUse": [{"hooks": [{"type": "http", "url": "x"}]}]}, "`url`"),
    ({"PermissionRequest": [{"hooks": [{**WHOLE, "timeout": "10"}]}]}, "timeout"),
]


@pytest.mark.parametrize(("hooks", "why"), HOOKS)
def test_hooks_that_make_the_client_skip_an_agent(hooks: object, why: str) -> None:
    fault = find_hook_fault(hooks)  # type: ignore[arg-type]  # as JSON has it

    assert why in fault
    assert bool(why) is bool(fault)


def unfold(line: str, first: str, levels: int = 20, width: int = 9) -> str:
    """Aliases of aliases: a bomb."""
    rows = (line.format(level=level, items=", ".join([f"*x{level - 1}"] * width)) for level in range(1, levels))
    return "\n".join([first, *rows])


BOMBS = {
    "lists": unfold("x{level}: &x{level} [{items}]", "x0: &x0 [Read]") + "\ntools: *x19\nskills: *x19",
    "hooks": unfold("x{level}: &x{level} [{items}]", "x0: &x0 [{hooks: []}]") + "\nhooks: {PreToolUse: *x19}",
    "maps": unfold("x{level}: &x{level} {{<<: [{items}]}}", "x0: &x0 {a: b}") + "\nx: *x19",
    "merges": unfold("x{level}: &x{level} {{a: {{<<: [{items}]}}}}", "x0: &x0 {a: b}"),
    "depth": "x: " + "[" * 5000,
    "depth of maps": "x: " + "{a: " * 5000,
    "keys": "\n".join(f"k{number}: v" for number in range(20_000)),
    "one line": "x: " + "a: b " * 100_000,
    "blanks": "x:" + "\n \n" * 100_000,
    "fences": "x: y\n" + "--\n" * 100_000,
}


@pytest.mark.parametrize("block", BOMBS.values(), ids=BOMBS.keys())
def test_no_frontmatter_takes_long(block: str) -> None:
    subject = make_subject({"agents/a.md": f"---\nname: a\ndescription: d\n{block}\n---\n"})
    begin = time.process_time()

    check_subject(subject)

    assert time.process_time() - begin < 5
