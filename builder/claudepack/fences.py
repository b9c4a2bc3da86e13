"""Code fences of Markdown, line by line: what stands inside one is an example, not a marker.

CommonMark 0.31, section 4.5.
"""

MAX_INDENT = 3
_MIN_RUN = 3


def next_fence(line: str, fence: str) -> str:
    """The code fence that is open after a line, given the one that was open before it; empty for none.

    A fence has up to three blanks and then three or more of one character; at least as many of it, alone
    on their line, close it.
    """
    stripped = line.lstrip(" ")
    mark = stripped[:1]
    if len(line) - len(stripped) > MAX_INDENT or mark not in ("`", "~"):
        return fence
    run = len(stripped) - len(stripped.lstrip(mark))
    rest = stripped[run:].strip(" \t")
    if fence:
        return "" if mark == fence[0] and run >= len(fence) and not rest else fence
    opens = run >= _MIN_RUN and not (mark == "`" and "`" in rest)
    return mark * run if opens else ""


def find_open_fence(text: str) -> int:
    """The line, from 1, at which a code fence opens that nothing closes; 0 where all are closed."""
    fence, opened = "", 0
    # splitlines would also split at form feeds and Unicode's separators, which end no line of Markdown.
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for number, line in enumerate(lines, start=1):
        fence, was = next_fence(line, fence), fence
        if fence and not was:
            opened = number
    return opened if fence else 0
