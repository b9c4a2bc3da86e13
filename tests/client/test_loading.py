"""`check` says that an agent will not load exactly where the real client does not list it."""

from pathlib import Path

import pytest

from claude_client import ClaudeClient
from claudepack.lint.engine import check_subject
from claudepack.lint.facts import find_facts
from claudepack.lint.mending import mend_subject
from claudepack.lint.reading import read_subjects
from claudepack.lint.selection import Selection
from claudepack.lint.subject import Text
from trees import write_tree

pytestmark = pytest.mark.client

# The rules that say so; other errors are about what is lost, or harmful, in an agent that is there.
NOT_LOADED = {
    "FM001",
    "FM002",
    "FM004",
    "FM005",
    "FM011",
    "FM012",
    "FM013",
    "NM002",
    "NM003",
    "EN002",
}
DIALOGUE = 'description: Use it so:\n\n<example>\nuser: "hi"\nassistant: "x: y"\n</example>\nmodel: opus'
BOMB = "\n".join(
    f"{name}: &{name} [{', '.join([f'*{before}' if before else 'x'] * 9)}]"
    for before, name in zip(["", *"abcd"], "abcde", strict=True)
)


def head(*rows: str) -> str:
    return "\n".join(["---", *rows, "---", "Do it.", ""])


def named(*rows: str) -> str:
    return head("name: {name}", *rows)


# By the agent's name: the file, in which `{name}` stands for it.
FILES: dict[str, str | bytes] = {
    # Names.
    "plain": named("description: Does it."),
    "42": head("name: 42", "description: Does it."),
    "43": head('name: "43"', "description: Does it."),
    "4.5": head("name: 4.5", "description: Does it."),
    "1e5": head("name: 1e5", "description: Does it."),
    "0x1f": head("name: 0x1f", "description: Does it."),
    "1_000": head("name: 1_000", "description: Does it."),
    "2024-01-02": head("name: 2024-01-02", "description: Does it."),
    "true": head("name: true", "description: Does it."),
    "yes": head("name: yes", "description: Does it."),
    "null": head("name: null", "description: Does it."),
    "~": head("name: ~", "description: Does it."),
    "": head('name: ""', "description: Does it."),
    " ": head('name: " "', "description: Does it."),
    "[a]": head("name: [a]", "description: Does it."),
    "a:b": head('name: "a:b"', "description: Does it."),
    "-leading": head("name: -leading", "description: Does it."),
    "-quoted": head('name: "-quoted"', "description: Does it."),
    "Title Case": named("description: Does it."),
    "a.b/c": named("description: Does it."),
    "größe": named("description: Does it."),
    "代码": named("description: Does it."),
    "🚀": named("description: Does it."),
    "no-name": head("description: Does it."),
    "capital-field": head("Name: {name}", "description: Does it."),
    "space-colon": head("name : {name}", "description : Does it."),
    "no-space": head("name:{name}", "description: Does it."),
    "quoted-fields": head('"name": {name}', "'description': Does it."),
    # Descriptions.
    "no-description": named(),
    "empty": named("description:"),
    "empty-text": named('description: ""'),
    "blank": named('description: " "'),
    "number": named("description: 7"),
    "infinity": named("description: .inf"),
    "bool": named("description: false"),
    "list": named("description: [a, b]"),
    "block-list": named("description:", "  - a"),
    "map": named("description: {a: b}"),
    "date": named("description: 2024-01-02"),
    "comment": named("description: # nothing"),
    "cut-by-comment": named("description: C # is cut"),
    "colon": named("description: Use it: always"),
    "colon-and-quotes": named("description: Use it: it's \"so\" or 'so'"),
    "literal-newlines": named("description: Use it: so\\nuser: hi\\nassistant: hello"),
    "dashes": named("description: ok --- more"),
    "dashes-first": named('description: "--- more"'),
    "dashes-alone": named("description: ---"),
    "bold": named("description: *bold* words"),
    "alias": named("description: *nothing"),
    "ampersand": named("description: & more"),
    "ampersand-word": named("description: &more"),
    "important": named("description: !important words"),
    "tag": named("description: !!str 7"),
    "python-tag": named("description: !!python/object:os.system ls"),
    "at": named("description: @scope/package"),
    "percent": named("description: %d files"),
    "backtick": named("description: `code` words"),
    "bracket": named("description: [WIP] words"),
    "brace": named("description: {x} words"),
    "comma": named("description: , words"),
    "hyphen": named("description: - words"),
    "question": named("description: ? words"),
    "quotes-then-words": named('description: "x" words'),
    "quote-then-words": named("description: 'x' words"),
    "open-quote": named('description: "x words'),
    "open-quote-and-colon": named('description: "x: words'),
    "wrong-escape": named(r'description: "a \q b"'),
    "folded-on-its-line": named("description: > words"),
    "folded": named("description: >", "  words: more"),
    "literal": named("description: |", "  words: more"),
    "literal-empty": named("description: |", "model: opus"),
    "unindented": named("description: words", "and more words", "model: opus"),
    "unindented-quoted": named('description: "words', 'and more words"', "model: opus"),
    "indented": named("description: words", "  and more words", "model: opus"),
    "indented-with-colon": named("description: words", "  and: more", "model: opus"),
    "dialogue": named(DIALOGUE),
    "tab-after-colon": named("description:\twords"),
    "tab-indents": named("description: words", "\tmore"),
    "tab-in-literal": named("description: |", "\twords"),
    "tab-before-field": named("\tdescription: words"),
    "no-break-space": named("description:\u00a0words"),
    "control": named("description: a\x01b"),
    "line-separator": named("description: a\u2028b"),
    "next-line": named("description: a\u0085b"),
    # YAML.
    "anchors": head("name: &a {name}", "description: *a"),
    "merge-key": named("x: &x {description: words}", "<<: *x"),
    "bomb": named("description: words", BOMB),
    "deep": named("description: words", "x: " + "[" * 50 + "]" * 50),
    "field-twice": named("description: words", "description: others"),
    "name-twice": head("name: other", "name: {name}", "description: words"),
    "flow": "---\n{name: {name}, description: words}\n---\n",
    "json": '---\n{"name": "{name}", "description": "words"}\n---\n',
    "number-as-field": named("description: words", "3: x"),
    "indented-block": head("  name: {name}", "  description: words"),
    "half-indented": named("  description: words"),
    "comment-first": head("# words", "name: {name}", "description: words"),
    "words-first": head("words", "name: {name}", "description: words"),
    "html-first": head("<!-- x -->", "name: {name}", "description: words"),
    "scalar": "---\nwords\n---\n",
    "list-of-fields": head("- name: {name}", "- description: words"),
    "cr-in-value": named("description: words\rmodel: opus"),
    # Fences.
    "no-end": "---\nname: {name}\ndescription: words\n",
    "no-line-after": "---\nname: {name}\ndescription: words\n---",
    "four-dashes-end": "---\nname: {name}\ndescription: words\n----\nDo it.\n",
    "four-dashes-begin": "----\nname: {name}\ndescription: words\n---\nDo it.\n",
    "blank-after-fence": "--- \nname: {name}\ndescription: words\n--- \nDo it.\n",
    "word-after-fence": "---yaml\nname: {name}\ndescription: words\n---\nDo it.\n",
    "indented-end": "---\nname: {name}\ndescription: words\n  ---\nDo it.\n",
    "dots-end": "---\nname: {name}\ndescription: words\n...\nDo it.\n",
    "blank-line-first": "\n" + named("description: words"),
    "space-first": " " + named("description: words"),
    "blank-line-inside": head("", "name: {name}", "", "description: words", ""),
    "html-before": "<!-- x -->\n" + named("description: words"),
    "in-a-fence": "```\n" + named("description: words") + "```\n",
    "nothing": "",
    "only-words": "Do it.\n",
    "empty-block": "---\n---\nDo it.\n",
    "no-body": "---\nname: {name}\ndescription: words\n---\n",
    # Bytes.
    "crlf": named("description: words").replace("\n", "\r\n"),
    "crlf-colon": named("description: Use it: so").replace("\n", "\r\n"),
    "cr": named("description: words").replace("\n", "\r"),
    "bom": "\ufeff" + named("description: words"),
    "bom-colon": "\ufeff" + named("description: Use it: so"),
    "utf-16": ("\ufeff" + named("description: words").replace("{name}", "utf-16")).encode("utf-16-le"),
    "latin-1": named("description: größe").replace("{name}", "latin-1").encode("latin-1"),
    "nul-in-body": named("description: words") + "a\0b\n",
    "nul-in-head": named("description: a\0b"),
    # Other fields.
    "hooks-list": named("description: words", "hooks: []"),
    "hooks-null": named("description: words", "hooks:"),
    "hooks-map": named("description: words", "hooks: {}"),
    "hooks-text": named("description: words", "hooks: x"),
    "hooks-empty-text": named("description: words", 'hooks: ""'),
    "hooks-false": named("description: words", "hooks: false"),
    "hooks-true": named("description: words", "hooks: true"),
    "hooks-zero": named("description: words", "hooks: 0"),
    "list-beside-colon": named("description: [a, b]", "color: a: b"),
    "no-list-beside-colon": named("description: [a, *b]", "color: a: b"),
    "brackets": named("description: [WIP] do [it]"),
    "hooks-list-quoted": named("description: Use it: so", "hooks: [a] # none"),
    "hooks-map-quoted": named("description: Use it: so", "hooks: {}"),
    "hooks-unknown-event": named("description: words", "hooks: {Nothing: 3}"),
    "hooks-other-event": named("description: words", "hooks: {PostToolUse: 3}"),
    "hooks-event-number": named("description: words", "hooks: {PreToolUse: 3}"),
    "hooks-event-null": named("description: words", "hooks: {PreToolUse: null}"),
    "hooks-no-handlers": named("description: words", "hooks: {PreToolUse: [{matcher: x}]}"),
    "hooks-no-command": named("description: words", "hooks: {PreToolUse: [{hooks: [{type: command}]}]}"),
    "hooks-whole": named("description: words", "hooks: {PreToolUse: [{hooks: [{type: command, command: x}]}]}"),
    "hooks-wrong-type": named("description: words", "hooks: {PermissionRequest: [{hooks: [{type: x, command: x}]}]}"),
    "hooks-timeout": named(
        "description: words", 'hooks: {PreToolUse: [{hooks: [{type: command, command: x, timeout: "3"}]}]}'
    ),
    "unknown-field": named("description: words", "category: x"),
    "wrong-model": named("description: words", "model: 3"),
    "wrong-values": named(
        "description: words", "color: 3", "permissionMode: x", "maxTurns: x", "memory: 3", "effort: x"
    ),
    "wrong-lists": named("description: words", "tools: 3", "skills: 3", "mcpServers: 3", "isolation: 3"),
    # Extensions; the file is called `NAME` and this.
    "upper.MD": named("description: words"),
    "mixed.Md": named("description: words"),
    "long.markdown": named("description: words"),
}


def write_agents(root: Path, files: dict[str, str | bytes]) -> dict[str, str]:
    """Each in a folder of its own, so that no name has to be fit for a file; the names by path."""
    paths: dict[str, str] = {}
    for number, (name, content) in enumerate(files.items()):
        file = name if name.endswith((".MD", ".Md", ".markdown")) else "agent.md"
        data = content if isinstance(content, bytes) else content.replace("{name}", name).encode()
        path = f".claude/agents/{number:03}/{file}"
        write_tree(root, {path: data})
        paths[path] = name
    return paths


def test_what_check_says_does_not_load_is_what_the_client_does_not_list(client: ClaudeClient, tmp_path: Path) -> None:
    assert len(FILES) >= 60
    paths = write_agents(tmp_path, FILES)
    write_tree(tmp_path, {".mcp.json": '{"mcpServers": {}}'})
    listed = set(client.loaded(tmp_path)["agents"])

    [subject] = read_subjects(tmp_path)
    errors = [finding for finding in check_subject(subject) if finding.code in NOT_LOADED]
    refused = {finding.path for finding in errors}
    loads = {file.shown: find_facts(Text(file)).loads for file in subject.files.values()}

    wrong = [
        f"{name!r}: {'listed' if name in listed else 'not listed'}, {'refused' if path in refused else 'passed'}"
        for path, name in paths.items()
        if (name in listed) == (path in refused)
    ]
    assert not wrong, "\n".join(wrong)
    assert {path for path, value in loads.items() if not value} == refused
    assert {finding.severity for finding in errors} == {"error"}


def test_what_is_mended_is_listed(client: ClaudeClient, tmp_path: Path) -> None:
    write_tree(tmp_path, {".mcp.json": '{"mcpServers": {}}'})
    paths = write_agents(tmp_path, FILES)
    [subject] = read_subjects(tmp_path)
    before = {file.shown: find_facts(Text(file)).loads for file in subject.files.values()}

    mended = mend_subject(subject, check_subject(subject), Selection())
    for item in mended:
        assert item.file.real
        item.file.real.write_bytes(item.new)
    listed = set(client.loaded(tmp_path)["agents"])

    [again] = read_subjects(tmp_path)
    after = {file.shown: find_facts(Text(file)).loads for file in again.files.values()}
    loaded = {paths[item.file.shown] for item in mended if after[item.file.shown]}
    assert {paths[item.file.shown] for item in mended} & listed == loaded
    assert len(loaded) > 20
    assert sum(after[item.file.shown] and not before[item.file.shown] for item in mended) > 5
