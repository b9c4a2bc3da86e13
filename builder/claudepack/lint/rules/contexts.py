"""PK, the second half: the context that a pack adds to a CLAUDE.md."""

from collections.abc import Iterator, Mapping

from claudepack.errors import ClaudepackError
from claudepack.lint.fault import Fault
from claudepack.lint.registry import tree_rule
from claudepack.lint.said import as_fault, as_pack
from claudepack.lint.subject import Facts, Subject
from claudepack.pack.context import render_context, used_variables
from claudepack.pack.hidden import find_hidden
from claudepack.pack.settings import Value
from claudepack.pack.tree import CONTEXTS


@tree_rule("PK008", "context", "error")
def find_bad_context(subject: Subject, _facts: Mapping[str, Facts]) -> Iterator[Fault]:
    """The context of a pack cannot be rendered, or would break the CLAUDE.md that it goes into.

    Why:
        A template may use variables, `if`, `for` over a variable and a few filters, no more; and what comes of it
        stands in somebody's CLAUDE.md: a fence that is never closed there swallows what follows.

    Bad:
        pack.toml:
            format = 1
        CLAUDE.md.j2:
            {{ range(10) }}

    Good:
        pack.toml:
            [variables.language]
            default = "Python"
        CLAUDE.md.j2:
            {% if language == "Python" %}Use uv.{% endif %}
    """
    if both := sorted(set(CONTEXTS) & set(subject.files)) if subject.layout == "pack" else []:
        pack = as_pack(subject)
        if len(both) > 1:
            why = "CLAUDE.md and CLAUDE.md.j2 are both there, and a pack has one context"
            yield Fault(why, "keep CLAUDE.md.j2 if it has variables, else CLAUDE.md", path=both[1])
        try:
            names = used_variables(pack)
            declared = {name: variable.default for name, variable in pack.settings.variables.items()}
            render_context(pack, {name: _sample(declared.get(name)) for name in names})
        except ClaudepackError as error:
            # Of a hidden character that the file itself holds, SF001 tells.
            if error.code != "hidden-text" or not find_hidden(subject.read(both[0]).content):
                yield as_fault(error, both[0])


@tree_rule("PK009", "variable", "error")
def find_undeclared(subject: Subject, _facts: Mapping[str, Facts]) -> Iterator[Fault]:
    """The context uses a variable that `pack.toml` does not declare.

    Why:
        Whoever installs the pack is asked for a value that nothing tells the meaning of.

    Bad:
        pack.toml:
            format = 1
        CLAUDE.md.j2:
            Write {{ language }}.

    Good:
        pack.toml:
            [variables.language]
            default = "Python"
            help = "what is written here"
        CLAUDE.md.j2:
            Write {{ language }}.
    """
    if CONTEXTS[1] in subject.files and subject.layout == "pack":
        pack = as_pack(subject)
        try:
            names = used_variables(pack)
        except ClaudepackError:
            return  # PK008 says so
        for name in sorted(names - set(pack.settings.variables)):
            hint = f"write [variables.{name}] in pack.toml, with a default and a help"
            yield Fault(f"the variable {name!r} is not declared", hint, path=CONTEXTS[1])


def _sample(default: Value | None) -> Value:
    return "…" if default is None else default
