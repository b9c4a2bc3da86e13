"""RF: references that lead to nothing, which is text to the client, and so fails when the model follows it."""

import posixpath
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Literal

from claudepack.errors import ClaudepackError
from claudepack.lint.fault import Fault
from claudepack.lint.registry import text_rule, tree_rule
from claudepack.lint.subject import Facts, File, Subject, Text
from claudepack.pack.references import TEXTS, Mention, list_folders
from claudepack.pack.settings import read_settings
from claudepack.pack.tree import SETTINGS
from claudepack.paths import nearest

_ROOT = re.compile(r"\$\{CLAUDE_PLUGIN_ROOT\}|\$CLAUDE_PLUGIN_ROOT\b")
_VARIABLE = re.compile(r"(?<![$\w])\{\{-?\s*([A-Za-z_]\w*)\s*(?:\|[^{}]*)?-?\}\}")
_FEW, _MANY = 50, 5000  # what is asked after, and names among which the nearest is looked for: it takes long


@tree_rule("RF001", "dangling-reference", "warning")
def find_dangling(subject: Subject, facts: Mapping[str, Facts]) -> Iterator[Fault]:
    """A reference to a file or a folder of `.claude` leads to nothing.

    Why:
        To the client `@.claude/prompts/x/` in an agent is text: the model looks there with its own tools when the agent
        runs, finds nothing, and goes on without what it should have read. A pack that has one is not built.

    Bad:
        agents/reviewer.md:
            ---
            name: reviewer
            description: Reviews a change.
            ---
            Read @.claude/prompts/style/ first.

    Good:
        agents/reviewer.md:
            ---
            name: reviewer
            description: Reviews a change.
            ---
            Read @.claude/prompts/style/ first, and mail me@claude.org about @scope/package.

            ```
            @.claude/prompts/an-example/
            ```
        prompts/style/names.md:
            Short ones.
    """
    if subject.pack and subject.pack.identity.requires:
        return  # it may be in a pack that this one requires
    there = {*subject.files, *subject.others}
    spots = there | list_folders(there)
    hints: dict[str, str] = {}
    for path, fact in facts.items():
        for mention in fact.references:
            target = mention.target.rstrip("/")
            if target in spots or _lies_beside(subject.files[path], target):
                continue
            what = "folder" if mention.target.endswith("/") else "file"
            why = f"{mention.text} leads to no {what}, and the client does not say so"
            if target not in hints:
                near = nearest(target, spots) if len(spots) < _MANY and len(hints) < _FEW else ""
                hints[target] = near if near.startswith("did you mean") else "add it, or mend the path"
            yield _point(mention, path, why, hints[target])


def _lies_beside(file: File, target: str) -> bool:
    """Whether a path is in the same `.claude` on the disk, of which only a part is checked."""
    real = file.real.absolute().as_posix() if file.real else ""
    try:
        return real.endswith(f"/{file.path}") and Path(real.removesuffix(file.path), target).exists()
    except OSError:  # a name that no file can have, or a folder that cannot be read, which is told
        return False


@tree_rule("RF002", "import-leads-nowhere", "warning")
def find_lost_imports(subject: Subject, facts: Mapping[str, Facts]) -> Iterator[Fault]:
    """An `@path` import of a CLAUDE.md leads to nothing.

    Why:
        The client imports the file that a line names, relative to the CLAUDE.md, and says nothing where there is none:
        the model is without what should have been loaded.

    Bad:
        CLAUDE.md:
            Follow @docs/style.md in all you write.

    Good:
        CLAUDE.md:
            Ask dev@example.org about @scope/package, `@docs/absent.md` and @someone.

            ```css
            @import ./print.css
            @media print {}
            ```
    """
    for path, mention, kind in _resolve_imports(subject, facts):
        if kind == "nothing":
            why = f"{mention.text} leads to nothing, and the client does not say so"
            yield _point(mention, path, why, "add the file, or mend the path: it is relative to this file")


@tree_rule("RF003", "import-of-a-directory", "warning")
def find_folder_imports(subject: Subject, facts: Mapping[str, Facts]) -> Iterator[Fault]:
    """An `@path` import of a CLAUDE.md leads to a directory.

    Why:
        The client imports files; a directory it ignores without a word.

    Bad:
        CLAUDE.md:
            Follow @.claude/prompts/style/ in all you write.
        prompts/style/names.md:
            Short ones.

    Good:
        CLAUDE.md:
            Read what is in `.claude/prompts/style/` before you write.
        prompts/style/names.md:
            Short ones.
    """
    for path, mention, kind in _resolve_imports(subject, facts):
        if kind == "folder":
            why = f"{mention.text} is a directory, and the client imports files only"
            yield _point(mention, path, why, "name its files, or tell the model in words to look there")


@tree_rule("RF004", "import-lost-below", "warning")
def find_imports_lost_below(subject: Subject, facts: Mapping[str, Facts]) -> Iterator[Fault]:
    """The CLAUDE.md of a project imports files, which a client that starts in a sub-directory leaves out.

    Why:
        Started in a sub-directory, the client reads the CLAUDE.md above it, but not what that imports. What stands in
        CLAUDE.md itself, and rules in `.claude/rules`, it reads from everywhere.

    Bad:
        CLAUDE.md:
            Follow @.claude/prompts/style.md in all you write.
        prompts/style.md:
            Short names.

    Good:
        CLAUDE.md:
            Write short names.
        rules/style.md:
            Short names.
    """
    found = [(mention, path) for path, mention, kind in _resolve_imports(subject, facts) if kind == "file"]
    top = [(mention, path) for mention, path in found if path == "CLAUDE.md"]
    if top:
        mention, path = top[0]
        more = f" and {len(top) - 1} more" if len(top) > 1 else ""
        why = f"a client that starts in a sub-directory leaves {mention.text}{more} out"
        yield _point(mention, path, why, "put the text into CLAUDE.md, or into .claude/rules")


def _point(mention: Mention, path: str, why: str, hint: str) -> Fault:
    return Fault(why, hint, mention.line, mention.column, mention.column + len(mention.text), path)


def _resolve_imports(
    subject: Subject, facts: Mapping[str, Facts]
) -> Iterator[tuple[str, Mention, Literal["file", "folder", "nothing"]]]:
    there = {*subject.files, *subject.others}
    folders = list_folders(there)
    for path, fact in facts.items():
        known = {reference[:2] for reference in fact.references}
        for mention in fact.imports:
            kind = _look(subject.files[path], mention.target, there, folders)
            if kind != "nothing" or (mention.line, mention.column) not in known:  # RF001 tells that one
                yield path, mention, kind


def _look(file: File, target: str, there: set[str], folders: set[str]) -> Literal["file", "folder", "nothing"]:
    """What an import leads to: on the disk where its file lies on one, else among what is checked."""
    if target.startswith("~"):
        return "file"  # somebody's own, and not there for everybody
    if file.real:
        try:
            spot = file.real.parent / target
            return "file" if spot.is_file() else "folder" if spot.is_dir() else "nothing"
        except (OSError, ValueError):
            return "nothing"  # a name that no file can have
    path = posixpath.normpath(posixpath.join(posixpath.dirname(file.path), target)).removeprefix(".claude/")
    if target.startswith(("/", "../")) or file.layout == "pack":
        return "file"  # outside of what is here
    return "file" if path in there else "folder" if path in folders else "nothing"


@text_rule("RF005", "plugin-root-outside-a-plugin", "warning")
def find_plugin_root(text: Text) -> Iterator[Fault]:
    """`${CLAUDE_PLUGIN_ROOT}` stands in what is no plugin.

    Why:
        Only for a plugin does the client know its own directory. Elsewhere a hook that uses it runs a path that begins
        with nothing, and a model that reads it finds no such file.

    Bad:
        settings.json:
            {"hooks": {"Stop": [{"hooks": [{"type": "command", "command": "${CLAUDE_PLUGIN_ROOT}/hooks/stop.sh"}]}]}}

    Good:
        settings.json:
            {"hooks": {"Stop": [{"hooks": [{"type": "command", "command": "${CLAUDE_PROJECT_DIR}/x/stop.sh"}]}]}}
        commands/plugins.md:
            A plugin finds itself by `CLAUDE_PLUGIN_ROOT`:

            ```sh
            "${CLAUDE_PLUGIN_ROOT}/run.sh" || "${CLAUDE_PLUGIN_ROOT:-.}/run.sh"
            ```
    """
    if text.file.layout in ("plugin", "folder") or "CLAUDE_PLUGIN_ROOT" not in text.content:
        return
    is_prose = text.path.endswith((*TEXTS, ".txt"))
    for number, line in text.prose if is_prose else enumerate(text.lines, start=1):
        for match in _ROOT.finditer(line):
            # In prose it may well be what is talked about; a path behind it is meant to be followed.
            if not is_prose or line[match.end() :].lstrip("\"'").startswith("/"):
                why = f"{match[0]} means nothing outside a plugin"
                hint = "write ${CLAUDE_PROJECT_DIR}/.claude in a hook, .claude in a text"
                yield Fault(why, hint, number, match.start() + 1, match.end() + 1)


@tree_rule("RF006", "variable-not-rendered", "warning")
def find_unrendered(subject: Subject, _facts: Mapping[str, Facts]) -> Iterator[Fault]:
    """A variable of the pack stands in a file that is not rendered.

    Why:
        Only `CLAUDE.md.j2` is a template; every other file is installed as it is, so the model reads the braces. Other
        braces than those around a variable of `pack.toml` are none of this tool's.

    Bad:
        pack.toml:
            [variables.language]
            default = "Python"
            help = "what is written here"
        prompts/style.md:
            Write {{ language }}.

    Good:
        pack.toml:
            [variables.language]
            default = "Python"
            help = "what is written here"
        prompts/templates.md:
            Jinja2 writes {{ name }}, GitHub's workflows ${{ language }}, and Go {{ .language }}.
    """
    try:
        data = subject.read(SETTINGS).data if SETTINGS in subject.files else b""
        names = set(read_settings(data, SETTINGS).variables)
    except ClaudepackError:
        return  # PK002 says so
    for path, other in subject.files.items() if names else ():
        text = Text(other)
        if not path.endswith(".md") or other.is_clean or "{{" not in text.content:
            continue
        for number, line in text.prose:
            for match in _VARIABLE.finditer(line):
                if match[1] in names:
                    why = f"{match[0]} is not rendered here: only CLAUDE.md.j2 is"
                    hint = "write the value, or move the sentence into CLAUDE.md.j2"
                    yield Fault(why, hint, number, match.start() + 1, match.end() + 1, path)
