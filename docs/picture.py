"""The picture of the README: a real run in a terminal, drawn as it came out. `python docs/picture.py` makes it anew."""

import os
import pty
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

TARGET = Path(__file__).with_name("install.svg")
WIDTH = 92
COMMAND = "claudepack install backend"
# rich's own form fetches a font from elsewhere whenever somebody looks at it.
FORM = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img">
<title>claudepack install backend, as a terminal shows it</title>
<style>
.{unique_id}-matrix {{ font-family: ui-monospace, "Cascadia Mono", Menlo, Consolas, monospace;
font-size: {char_height}px; line-height: {line_height}px; }}
{styles}
</style>
<defs><clipPath id="{unique_id}-clip-terminal"><rect width="{terminal_width}" height="{terminal_height}"/></clipPath>
{lines}
</defs>
<rect width="100%" height="100%" rx="8" fill="#1e1e2e"/>
<g transform="translate({terminal_x}, 20)" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix" xml:space="preserve">
{matrix}
</g></g></svg>
"""
THEME = TerminalTheme(
    (30, 30, 46),
    (205, 214, 244),
    [
        *((69, 71, 90), (243, 139, 168), (166, 227, 161), (249, 226, 175)),
        *((137, 180, 250), (245, 194, 231), (148, 226, 213), (186, 194, 222)),
    ],
)


def record() -> str:
    """What the command prints to a terminal, in an empty project."""
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder, "shop")
        project.mkdir()
        reader, writer = pty.openpty()
        hidden = ("CI", "NO_COLOR", "CLAUDEPACK_JSON", "VIRTUAL_ENV")
        environment = {name: value for name, value in os.environ.items() if name not in hidden}
        words = [sys.executable, "-m", "claudepack", *COMMAND.split()[1:]]
        settings = {"TERM": "xterm-256color", "COLUMNS": str(WIDTH), "HOME": folder}
        subprocess.run(words, cwd=project, env=environment | settings, stdout=writer, check=True)
        os.close(writer)
        pieces = []
        try:
            while piece := os.read(reader, 1 << 16):
                pieces.append(piece)
        except OSError:
            pass  # Linux says so that nobody writes to it any more
        os.close(reader)
        return b"".join(pieces).decode().replace("\r\n", "\n").replace(str(project), "/home/me/shop")


def draw(printed: str) -> str:
    """The picture of what was printed, after the command that printed it."""
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        console = Console(record=True, width=WIDTH, file=nowhere, force_terminal=True, color_system="standard")
        console.print(Text(f"$ {COMMAND}", style="bold"))
        console.print(Text.from_ansi(printed.rstrip("\n")))
        return console.export_svg(title=COMMAND, code_format=FORM, theme=THEME, unique_id="run")


if __name__ == "__main__":
    TARGET.write_text(draw(record()), encoding="utf-8")
