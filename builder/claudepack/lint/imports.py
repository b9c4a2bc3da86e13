"""`@path` imports of a CLAUDE.md, as the client finds them: not in code, and not in what only looks like one.

People write many things behind an `@`: names, packages, decorators, rules of CSS. Only what can hardly be anything but
a path is one here.
"""

import re
from collections.abc import Iterator

from claudepack.lint.subject import Text
from claudepack.pack.references import Mention

_WORD = re.compile(r"(?:^|(?<=\s))@(\S+)")
_CODE = re.compile(r"(`+)(?!`).*?(?<!`)\1(?!`)")
_STARTS = ("./", "../", "~/", "/", ".claude/")
_TEXTS = (".md", ".mdx", ".mdc", ".txt", ".rst", ".adoc", ".json", ".yaml", ".yml", ".toml")
_END = ".,;:!?)\"'*_"


def find_imports(text: Text) -> Iterator[Mention]:
    """What a file imports, outside code and comments."""
    commented = False
    for number, line in text.prose:
        # A comment takes whole lines; the client strips it before it looks for imports.
        commented = commented or line.lstrip().startswith("<!--")
        if not commented and "@" in line:
            plain = _CODE.sub(lambda match: " " * len(match[0]), line)
            for match in _WORD.finditer(plain):
                path = match[1].rstrip(_END)
                if _is_path(path):
                    yield Mention(number, match.start(1), f"@{path}", path)
        commented = commented and "-->" not in line


def _is_path(word: str) -> bool:
    if "://" in word or any(mark in word for mark in "<>{}[]()|*$@"):
        return False
    return (word.startswith(_STARTS) and len(word.strip("./~")) > 0) or word.endswith(_TEXTS)
