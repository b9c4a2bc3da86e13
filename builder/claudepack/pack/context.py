"""The context that a pack adds to CLAUDE.md: its template, its variables, its rendering.

A template comes from anywhere, so it is Jinja2 in its sandbox and less than all of it: what is left
(variables, `if`, `for` over a variable, the filters below) ends after a time that the template's size
and the variables bound. Loops over `range`, macros, calls and arithmetic are what hangs or fills memory;
`replace` and `join`, one after another, would multiply a text without end, so what they make is bounded.
"""

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from claudepack.errors import ClaudepackError
from claudepack.fences import find_open_fence, next_fence
from claudepack.pack.hidden import HIDDEN_HINT, describe_hidden, find_hidden
from claudepack.pack.settings import Value
from claudepack.pack.tree import Pack, PackFile
from claudepack.paths import nearest

if TYPE_CHECKING:
    from jinja2 import nodes
    from jinja2.sandbox import SandboxedEnvironment

FILTERS = ("capitalize", "default", "join", "lower", "replace", "title", "trim", "upper")
TESTS = ("defined", "undefined", "true", "false", "none", "eq", "ne", "in")
MAX_BYTES = 256 << 10
MAX_DEPTH = 40  # Python compiles what Jinja2 makes of a template, and nests no more than 100 blocks
_NODES = (
    *("Template", "Output", "TemplateData", "Name", "Const", "If", "For", "CondExpr"),
    *("Filter", "Test", "Compare", "Operand", "And", "Or", "Not"),
)
MARKER = re.compile(r"<!--\s*claudepack:(begin|end)\b")
_CONFLICT = ("<<<<<<< ", ">>>>>>> ")


def used_variables(pack: Pack) -> set[str]:
    """The names of the variables that a pack's context uses.

    Raises:
        ClaudepackError: The template is no Jinja2, or more of it than a context may use.
    """
    file = pack.context
    if file is None or not file.path.endswith(".j2"):
        return set()
    from jinja2.meta import find_undeclared_variables

    return find_undeclared_variables(_parse(_read_text(file), file.path))


def choose_variables(pack: Pack, given: Mapping[str, Value]) -> dict[str, Value]:
    """The value of each variable that a pack's context uses: the project's, else the pack's default.

    Raises:
        ClaudepackError: A variable has neither; the message says what to write where.
    """
    values: dict[str, Value] = {}
    for name in sorted(used_variables(pack)):
        declared = pack.settings.variables.get(name)
        value = given.get(name, declared.default if declared else None)
        if value is None:
            about = f" ({declared.help})" if declared and declared.help else ""
            raise ClaudepackError(
                f"{pack.name}: its context needs the variable {name!r}{about}, and nothing says what it is",
                code="variable",
                hint=f'write {name} = "…" under [variables] in claudepack.toml, or pass --set {name}=…',
            )
        values[name] = value
    return values


def render_context(pack: Pack, values: Mapping[str, Value]) -> str:
    """The text for CLAUDE.md: LF line endings, no blank lines around it, one newline at its end.

    Empty when the pack has no context or it comes to nothing.

    Raises:
        ClaudepackError: The template fails, or its text would break the file that it goes into.
    """
    file = pack.context
    if file is None:
        return ""
    text = _read_text(file)
    if file.path.endswith(".j2"):
        text = _render(text, values, file.path)
    lines = text.replace("\r\n", "\n").replace("\r", "\n").strip("\n").rstrip()
    _refuse_breaking(lines, file.path)
    return lines + "\n" if lines else ""


def _read_text(file: PackFile) -> str:
    if file.size > MAX_BYTES:
        raise _bad(
            file.path,
            f"{file.size} bytes, and a context may have {MAX_BYTES}",
            "move the detail into prompts",
        )
    try:
        return file.read().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _bad(file.path, f"not UTF-8: {error}", "save it as UTF-8") from error


def _render(text: str, values: Mapping[str, Value], path: str) -> str:
    from jinja2 import TemplateError

    _parse(text, path)
    pieces: list[str] = []
    size = 0
    try:
        for piece in _make_environment().from_string(text).generate(values):
            size += len(piece)
            _refuse_size(size)
            pieces.append(piece)
    except (TemplateError, TypeError, ValueError) as error:
        raise _bad(path, str(error), "mend the template") from error
    return "".join(pieces)


def _make_environment() -> "SandboxedEnvironment":
    from jinja2 import StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    environment = ImmutableSandboxedEnvironment(undefined=StrictUndefined, keep_trailing_newline=True)
    environment.globals.clear()
    environment.filters.update(replace=_replace, join=_join)
    return environment


def _replace(value: object, old: object, new: object) -> str:
    text, old, new = str(value), str(old), str(new)
    _refuse_size(len(text) + text.count(old) * len(new))
    return text.replace(old, new)


def _join(value: Iterable[object], between: object = "") -> str:
    texts, between = [str(item) for item in value], str(between)
    _refuse_size(sum(map(len, texts)) + len(texts) * len(between))
    return between.join(texts)


def _refuse_size(size: int) -> None:
    if size > MAX_BYTES:
        raise ValueError(f"it comes to more than the {MAX_BYTES} characters that a context may have")


def _parse(text: str, path: str) -> "nodes.Template":
    from jinja2 import TemplateSyntaxError

    try:
        template = _make_environment().parse(text)
    except TemplateSyntaxError as error:
        raise _bad(f"{path}:{error.lineno}", error.message or "a syntax error", "mend the template") from error
    except ValueError as error:
        raise _bad(path, str(error), "mend the template") from error
    except RecursionError as error:
        raise _bad(path, "nested too deeply", "mend the template") from error
    _refuse_nodes(template, path, 0)
    return template


def _refuse_nodes(node: "nodes.Node", path: str, depth: int) -> None:
    if depth > MAX_DEPTH:
        raise _bad(f"{path}:{node.lineno}", "nested too deeply", "mend the template")
    for child in node.iter_child_nodes():
        _refuse_node(child, path)
        _refuse_nodes(child, path, depth + 1)


def _refuse_node(node: "nodes.Node", path: str) -> None:
    from jinja2 import nodes

    kind, at = type(node).__name__, f"{path}:{node.lineno}"
    if kind not in _NODES:
        raise _bad(at, f"a context may not use {kind}", "use variables, `if`, `for` over a variable, and filters")
    if isinstance(node, nodes.Filter) and node.name not in FILTERS:
        raise _bad(at, f"a context may not use the filter {node.name!r}", nearest(node.name, FILTERS))
    if isinstance(node, nodes.Test) and node.name not in TESTS:
        raise _bad(at, f"a context may not use the test {node.name!r}", nearest(node.name, TESTS))
    if isinstance(node, nodes.For) and (not isinstance(node.iter, nodes.Name) or node.find(nodes.For) is not None):
        raise _bad(at, "a `for` must run over a variable, and not inside another", "write the lines out")


def _refuse_breaking(text: str, path: str) -> None:
    if match := MARKER.search(text):
        at = text.count("\n", 0, match.start()) + 1
        raise _bad(f"{path}:{at}", "a marker of claudepack's own stands in the context", "leave it out: it is added")
    if line := find_open_fence(text):
        raise _bad(f"{path}:{line}", "this code fence is never closed", "close it, or it swallows what follows")
    fence = ""
    for number, row in enumerate(text.split("\n"), start=1):
        if hidden := find_hidden(row):  # an escape in the template made it, or a variable brought it
            raise ClaudepackError(f"{path}:{number}: {describe_hidden(hidden)}", code="hidden-text", hint=HIDDEN_HINT)
        if not fence and row.startswith(_CONFLICT):
            raise _bad(f"{path}:{number}", "a conflict marker of git", "resolve the conflict, or show it in a fence")
        fence = next_fence(row, fence)


def _bad(where: str, why: str, hint: str) -> ClaudepackError:
    return ClaudepackError(f"{where}: {why}", code="context", hint=hint)
