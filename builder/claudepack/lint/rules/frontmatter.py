"""FM: frontmatter that the client does not read as its author meant it."""

import re
from collections.abc import Iterator

from claudepack.lint.fault import Fault
from claudepack.lint.loading import find_block, is_quoted_by_client, read_as_client
from claudepack.lint.quoting import find_culprit, quote_values
from claudepack.lint.registry import text_rule
from claudepack.lint.subject import Text
from claudepack.report.finding import Edit

_FOR_PEOPLE = re.compile(r"(?i)(?:.*/)?(?:readme|changelog|contributing|license|index)\.md")
_ENDINGS = re.compile(r"(?i)\.(?:md|markdown)")
_SKIPS = {"agent": "skips this agent", "skill": "offers this skill by the first line of its text"}


@text_rule("FM001", "unreadable-frontmatter", "error")
def find_unreadable(text: Text) -> Iterator[Fault]:
    r"""The client cannot read the frontmatter.

    Why:
        The client reads YAML. Where that fails it puts quotes around values on one line that hold a special character,
        and tries once more. What it cannot read then is lost: an agent is not listed, a skill or a command has none of
        its fields. It says so in a debug log only. The usual cause is a description of several lines that are not
        indented, or a quotation mark inside of one that begins with a quotation mark. `--fix` writes it as a JSON
        string on one line, which every version of the client reads alike.

    Bad:
        agents/reviewer.md:
            ---
            name: reviewer
            description: Reviews a change. Examples:
            <example>
            user: "Is this right?"
            </example>
            ---
            Review it.

    Good:
        agents/reviewer.md:
            ---
            name: reviewer
            description: "Reviews a change. Examples:\n<example>\nuser: \"Is this right?\"\n</example>"
            ---
            Review it.
        agents/tester.md:
            ---
            name: tester
            description: |
              Tests a change. Examples:
              <example>
              user: "Does it work?"
              </example>
            ---
            Test it.
    """
    fault = text.unreadable
    if fault and fault.reason == "end" and text.client_fields is None:
        yield Fault("the frontmatter has no end", "write a line --- after its last field", 1)
        return
    block = find_block(text.decoded) if text.has_head else None
    if block is None or text.client_fields is not None or (fault and fault.reason == "size"):
        return
    what = _SKIPS.get(text.kind or "", f"ignores the fields of this {text.kind}")
    told = "the client cannot read the frontmatter ({}) and " + what
    if fault:
        yield Fault(told.format(fault.why), fault.hint, fault.line)
        return
    crlf = "\r\n" in text.content
    key = find_culprit(text, lambda rows: read_as_client(rows) is not None and not (crlf and is_quoted_by_client(rows)))
    hint = "write the value as a JSON string on one line"
    hint += ", and end lines with LF: with CRLF the client does not put quotes around values" if crlf else ""
    yield text.at(key, told.format("it is not YAML"), hint, edits=quote_values(text))


@text_rule("FM002", "no-frontmatter", "error")
def find_missing(text: Text) -> Iterator[Fault]:
    """An agent or a skill has no frontmatter.

    Why:
        Without frontmatter a file in `agents/` is text that nobody reads: the client does not list it. A skill without
        it is offered by the first line of its text, and other clients of the format skip it. What is for people, such
        as a README, may lie there in a project; packs have a place of their own for it.

    Bad:
        agents/reviewer.md:
            You review changes.

    Good:
        agents/README.md:
            Our agents, and when to ask which.
        agents/reviewer.md:
            ---
            name: reviewer
            description: Reviews a change.
            ---
            You review changes.
    """
    if text.fault and text.fault.code == "no-frontmatter":
        if text.file.layout != "pack" and text.kind == "agent" and _FOR_PEOPLE.fullmatch(text.path):
            return
        yield Fault(f"there is no frontmatter, so the client {_SKIPS[str(text.kind)]}", text.fault.hint, 1)


@text_rule("FM003", "quoted-by-client", "warning")
def find_lenient(text: Text) -> Iterator[Fault]:
    """The frontmatter is not YAML, though the client can make something of it.

    Why:
        A plain `description:` that holds `: ` or begins with a bracket is not YAML. Client 2.1.328 puts quotes around
        the values of such a file and reads it; versions before 2.1.100 lost it, and in a file with CRLF it is lost to
        this day. The quotes are put around all values with special characters but lists: `hooks: {}` is a text then,
        and the client skips the agent. `--fix` writes a JSON string, which all versions read.

    Bad:
        agents/reviewer.md:
            ---
            name: reviewer
            description: Use this agent when: a change is ready.
            ---

    Good:
        agents/reviewer.md:
            ---
            name: reviewer
            description: "Use this agent when: a change is ready."
            ---
        agents/tester.md:
            ---
            name: tester
            description: Tests a change at 12:30, see https://example.org/how
            ---
    """
    if text.client_fields is None or text.is_yaml_to_both:
        return
    block = find_block(text.decoded) or ""
    if is_quoted_by_client(block):
        key = find_culprit(text, lambda rows: not is_quoted_by_client(rows))
        why = "not YAML: the client puts quotes around values to read it, and older ones do not"
        yield text.at(key, why, "write the value as a JSON string on one line", edits=quote_values(text))


@text_rule("FM009", "dashes-inside", "warning")
def find_dashes(text: Text) -> Iterator[Fault]:
    """Three dashes inside of the frontmatter end it.

    Why:
        The client takes the text up to the next `---` for the frontmatter, also where that stands inside of a line. A
        description is cut there without a word, the fields after it are lost, and both become part of the prompt.

    Bad:
        agents/reviewer.md:
            ---
            name: reviewer
            description: Reviews a change --- before it is merged.
            model: opus
            ---

    Good:
        agents/reviewer.md:
            ---
            name: reviewer
            description: Reviews a change -- before it is merged — always.
            model: opus
            ---
            A rule across the page, further down:

            ---
    """
    block = find_block(text.decoded) if text.has_head and not text.is_binary else None
    if block is None or block.endswith("\n") or not block:
        return
    line = block.count("\n") + 2
    column = len(block) - block.rfind("\n")
    after = text.lines[line - 1][column + 2 :].strip()
    if not after and not text.lines[line - 1][: column - 1].strip():
        return  # the closing fence, indented: it does what it should
    why = "the client ends the frontmatter at this ---: what follows is part of the prompt"
    yield Fault(why, "write another dash, or two", line, column, column + 3)


@text_rule("FM010", "cut-by-comment", "warning")
def find_comments(text: Text) -> Iterator[Fault]:
    """A description ends before ` #`.

    Why:
        In YAML a `#` after a blank begins a comment, so the model is told half of the sentence.

    Bad:
        agents/porter.md:
            ---
            name: porter
            description: Ports code from C # to Rust.
            ---

    Good:
        agents/porter.md:
            ---
            name: porter # the one in the lobby
            description: "Ports code from C # to Rust, and from C# to F#."
            ---
    """
    value = (text.client_fields or {}).get("description")
    if not isinstance(value, str) or not text.document or not text.document.strict:
        return
    if " #" not in (find_block(text.decoded) or ""):
        return
    line = text.document.lines.get("description", 1)
    row = text.lines[line - 1]
    rest = row.partition(":")[2].strip()
    if rest.startswith(f"{value} #"):
        at = row.index(f"{value} #") + len(value) + 2
        yield Fault("the description ends before this #, which begins a comment", "put it in quotes", line, at, at + 1)


@text_rule("FM012", "unseen-frontmatter", "error")
def find_unseen(text: Text) -> Iterator[Fault]:
    """The first line is not `---` alone, so the client does not see the frontmatter.

    Why:
        The client looks for `---` and the end of the line at the very beginning. An agent that begins with a blank line
        or with four dashes is not listed; a command has its frontmatter for a text. `--fix` mends it.

    Bad:
        agents/reviewer.md:

            ---
            name: reviewer
            description: Reviews a change.
            ---

    Good:
        agents/reviewer.md:
            ---

            name: reviewer
            description: Reviews a change.
            ---
        commands/ship.md:
            ----
            Ship it.
    """
    hint = "begin the file with a line ---"
    if text.unreadable and text.unreadable.reason == "blank":
        first = next(number for number, row in enumerate(text.lines, start=1) if row.strip())
        why = "a blank line stands before the frontmatter, so the client does not see it"
        yield Fault(why, hint, 1, edits=(Edit(text.offset(1), text.offset(first), b""),))
    elif text.document and text.content.partition("\n")[0].rstrip() != "---":
        edit = Edit(text.offset(1), text.offset(1, len(text.lines[0]) + 1), b"---")
        why = "the first line is not --- alone, so the client does not see the frontmatter"
        yield Fault(why, hint, 1, 4, edits=(edit,))


@text_rule("FM013", "unread-extension", "error")
def find_extensions(text: Text) -> Iterator[Fault]:
    """A file with frontmatter has an extension that the client does not read.

    Why:
        The client reads `*.md`, in lower case, on every system. `reviewer.MD` and `reviewer.markdown` are not there.

    Bad:
        agents/reviewer.MD:
            ---
            name: reviewer
            description: Reviews a change.
            ---

    Good:
        agents/reviewer.md:
            ---
            name: reviewer
            description: Reviews a change.
            ---
        prompts/reviewer/HOW.MD:
            ---
            How to review.
    """
    folder, _, name = text.path.partition("/")
    ending = _ENDINGS.search(name, name.rfind("."))
    if not ending or ending[0] == ".md" or text.file.layout == "pack":
        return
    if folder in ("agents", "commands", "rules", "output-styles") and text.content.startswith("---\n"):
        yield Fault(f"the client does not read files that end in {ending[0]}", "rename it to .md")


@text_rule("FM014", "field-twice", "error")
def find_twice(text: Text) -> Iterator[Fault]:
    """A field is there twice.

    Why:
        The client takes the last of the two and says nothing; a pack that holds such a file is refused, since nobody
        can know which one was meant.

    Bad:
        agents/reviewer.md:
            ---
            name: reviewer
            model: haiku
            description: Reviews a change.
            model: opus
            ---

    Good:
        agents/reviewer.md:
            ---
            name: reviewer
            description: "Reviews a change. model: haiku will do."
            model: opus
            ---
    """
    fault = text.unreadable
    if fault and fault.reason == "twice" and text.client_fields is not None:
        yield Fault(f"{fault.why}, and the client takes the last", fault.hint, fault.line)


@text_rule("FM015", "oversized-frontmatter", "error")
def find_oversized(text: Text) -> Iterator[Fault]:
    """The frontmatter is larger or deeper than any needs to be, or its aliases unfold to that.

    Why:
        A few lines of YAML aliases unfold to gigabytes. Whoever reads them whole stops working, so packs with such a
        file are refused: more than 1 MiB, 40 levels or 10,000 values.

    Bad:
        agents/reviewer.md:
            ---
            name: reviewer
            description: Reviews a change.
            a: &a [x, x, x, x, x, x, x, x, x, x]
            b: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a, *a]
            c: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b, *b]
            d: [*c, *c, *c, *c, *c, *c, *c, *c, *c, *c]
            ---

    Good:
        agents/reviewer.md:
            ---
            name: &name reviewer
            description: *name
            ---
    """
    fault = text.unreadable
    if fault and fault.reason == "size":
        yield Fault(fault.why, fault.hint, fault.line)
