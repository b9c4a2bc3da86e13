"""SF: what harms whoever installs it, or whoever wrote it: hidden text, escapes, secrets."""

import re
from collections.abc import Callable, Iterable, Iterator

from claudepack.lint.fault import Fault
from claudepack.lint.registry import text_rule
from claudepack.lint.secrets import find_private_keys, find_tokens
from claudepack.lint.subject import Text
from claudepack.pack.hidden import HIDDEN_HINT, describe_hidden, find_hidden
from claudepack.pack.yaml_core import JSON

Span = tuple[int, int, str]

# What a program may think that it can read is text, whatever bytes are in it.
_TEXTS = (".md", ".j2", ".txt", ".json", ".toml", ".yaml", ".yml", ".sh", ".py", ".js", ".ts")
# Joiners and selectors stand alone or in pairs in emoji and scripts; a run of them spells something.
_RUN = re.compile("[\u00ad\u180b-\u180f\u200b-\u200d\u2060-\u2064\ufe00-\ufe0f\ufeff\U000e0100-\U000e01ef]{4,}")
# Not ESC with a bracket or a dollar: by these, ISO 2022 switches to Japanese.
_ESCAPE = re.compile(r"\x1b(?![$(])|\x9b[0-9;?]+[@-~]")


@text_rule("SF001", "hidden-text", "error")
def find_hidden_text(text: Text) -> Iterator[Fault]:
    r"""An invisible character can hold instructions that nobody sees.

    Why:
        Tag characters spell out text that no editor shows, and marks of direction show a line in another order than the
        model reads it. Joiners and selectors of emoji, and the few tags in a flag of a region, are none of that.

    Bad:
        agents/reviewer.md:
            ---
            name: reviewer
            description: "Reviews a change.\U000E0041"
            ---
            Review it.

    Good:
        agents/reviewer.md:
            ---
            name: reviewer
            description: "Reviews a change, with care \U0001F469\u200D\U0001F4BB."
            ---
            Review it.
    """
    if text.may_hide:
        yield from _report(text, _find_hidden_spans, HIDDEN_HINT)
    for line, value in _list_metadata(text):
        if hidden := find_hidden(value):
            yield Fault(describe_hidden(hidden), HIDDEN_HINT, line)


def _find_hidden_spans(piece: str) -> Iterator[Span]:
    if find_hidden(piece):
        at = 0
        for line in piece.split("\n"):
            if hidden := find_hidden(line):
                start = at + line.index(hidden)
                yield start, start + 1, describe_hidden(hidden)
            at += len(line) + 1


@text_rule("SF002", "hidden-run", "error")
def find_hidden_runs(text: Text) -> Iterator[Fault]:
    r"""A run of characters without width spells something that nobody sees.

    Why:
        Joiners, blanks of no width and selectors are harmless one by one, as emoji and some scripts have them. Four and
        more in a row are letters of a code that a model can be told to read.

    Bad:
        agents/reviewer.md:
            ---
            name: reviewer
            description: "Reviews a change.\u200b\u200c\u200b\u200b\u200c"
            ---
            Review it.

    Good:
        agents/reviewer.md:
            ---
            name: reviewer
            description: "Reviews a change \u2764\uFE0F\u200D\U0001F525."
            ---
            Review it.
    """
    if text.may_hide:
        yield from _report(text, _find_runs, HIDDEN_HINT)
    for line, value in _list_metadata(text):
        if not value.isascii() and (found := next(_find_runs(value), None)):
            yield Fault(found[2], HIDDEN_HINT, line)


def _find_runs(piece: str) -> Iterator[Span]:
    if not piece.isascii():
        for match in _RUN.finditer(piece):
            yield match.start(), match.end(), f"{len(match[0])} characters without width in a row"


@text_rule("SF003", "terminal-escape", "error")
def find_escapes(text: Text) -> Iterator[Fault]:
    r"""A text holds an escape that steers a terminal.

    Why:
        Whoever prints the file has it done: lines are overwritten, so that a person sees another text than the model,
        and some terminals paste or run what an escape says. Colours in samples are written `\033[31m`, in characters.

    Bad:
        agents/reviewer.md:
            ---
            name: reviewer
            description: "Reviews a change.\e[2J"
            ---
            Review it.

    Good:
        agents/reviewer.md:
            ---
            name: reviewer
            description: Reviews a change.
            ---
            Print red as `\033[31m`, `\x1b[31m` or `\e[31m`.
    """
    hint = "a terminal would do what it says: remove it, or write \\033 in characters"
    if text.may_harm:
        yield from _report(text, _find_escape_spans, hint)
    for line, value in _list_metadata(text):
        if next(_find_escape_spans(value), None):
            yield Fault("an escape that steers a terminal", hint, line)


def _find_escape_spans(piece: str) -> Iterator[Span]:
    if "\x1b" in piece or "\x9b" in piece:
        for match in _ESCAPE.finditer(piece):
            yield match.start(), match.end(), "an escape that steers a terminal"


@text_rule("SF004", "private-key", "error")
def find_keys(text: Text) -> Iterator[Fault]:
    """A private key stands in a text.

    Why:
        Whoever installs the pack has it then, and so has everybody who reads the repository. It is no secret any more:
        removing it is not enough.

    Bad:
        prompts/deploy.md:
            -----BEGIN OPENSSH PRIVATE KEY-----
            b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAzQmWbfGKpLwRj0sVdUeHY
            -----END OPENSSH PRIVATE KEY-----

    Good:
        prompts/deploy.md:
            -----BEGIN OPENSSH PRIVATE KEY-----
            ...
            -----END OPENSSH PRIVATE KEY-----
    """
    if text.may_harm:
        hint = "make another one, and let none of the two stand here"
        yield from _report(text, find_private_keys, hint, is_secret=True)


@text_rule("SF005", "token", "error")
def find_secret_tokens(text: Text) -> Iterator[Fault]:
    """A token stands in a text.

    Why:
        It opens an account to whoever reads it, and the model may pass it on. What only stands for one, such as
        `ghp_xxxxxxxx` or AWS's own example, is none; it is told by the form that its issuer publishes.

    Bad:
        prompts/deploy.md:
            Push with xoxb-4081726359-9182736450182-Kd83hVnq0PzLw7TbYcXe5RmA.

    Good:
        prompts/deploy.md:
            Push with ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx, AKIAIOSFODNN7EXAMPLE or sk-ant-api03-...
    """
    hint = "revoke it, and let the environment say it: ${TOKEN}"
    if text.may_harm:
        yield from _report(text, find_tokens, hint, is_secret=True)


def _report(
    text: Text, find: Callable[[str], Iterable[Span]], hint: str, *, is_secret: bool = False
) -> Iterator[Fault]:
    """What is found in a text, piece by piece, so that no file is too large."""
    line = 1
    errors = "replace" if text.path.endswith(_TEXTS) else "strict"
    try:
        for piece in text.read_pieces(errors) if text.file.is_plain else ():
            for start, end, what in find(piece):
                column = start - piece.rfind("\n", 0, start)
                at = line + piece.count("\n", 0, start)
                yield Fault(what, hint, at, column, column + end - start, is_secret=is_secret)
            line += piece.count("\n")
    except UnicodeDecodeError:
        return  # it is no text


def _list_metadata(text: Text) -> Iterator[tuple[int, str]]:
    """What frontmatter says once it is read, with its line: an escape in it is hidden from who reads the file."""
    if text.document and "\\" in text.content:
        for key, value in text.document.metadata.items():
            for said in _list_texts([key, value]):
                yield text.document.lines.get(key, 1), said


def _list_texts(value: JSON) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _list_texts(item)
    elif isinstance(value, dict):
        yield from _list_texts([*value, *value.values()])
