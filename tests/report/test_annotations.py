"""A finding is one workflow command, which GitHub's runner reads back as it was meant."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claudepack.report.annotations import annotate
from claudepack.report.finding import Finding

SOUND = Finding("FM001", "unreadable", "error", "a.md", 3, 2, 5, "It cannot be read", "")


@pytest.mark.parametrize(
    ("finding", "command"),
    [
        (SOUND, "::error file=a.md,line=3,col=2,endColumn=5,title=FM001 unreadable::It cannot be read"),
        (SOUND._replace(severity="warning"), "::warning file=a.md,line=3,col=2,endColumn=5,"),
        (SOUND._replace(severity="note"), "::notice file=a.md,line=3,col=2,endColumn=5,"),
        (SOUND._replace(column=0, end=0), "::error file=a.md,line=3,title="),
        (SOUND._replace(end=0), "::error file=a.md,line=3,col=2,title="),
        (SOUND._replace(end=2), "::error file=a.md,line=3,col=2,title="),
        (SOUND._replace(line=0, column=0, end=0), "::error file=a.md,title="),
        (SOUND._replace(path="a,b:c\n100%.md"), "::error file=a%2Cb%3Ac%0A100%25.md,line=3,"),
    ],
)
def test_a_finding_is_a_command_with_its_place(finding: Finding, command: str) -> None:
    [line] = annotate([finding])
    assert line.startswith(command)


@given(path=st.text(min_size=1), message=st.text(), hint=st.text())
def test_the_runner_reads_back_what_was_meant(path: str, message: str, hint: str) -> None:
    [line] = annotate([SOUND._replace(path=path, message=message, hint=hint)])

    assert not set(line) & set("\r\n"), "it would be a line of its own, and a command"
    command, _, text = line.removeprefix("::").partition("::")
    word, _, properties = command.partition(" ")
    given = dict(part.split("=", 1) for part in properties.split(","))
    assert (word, _decode(given["file"]), given["line"], given["title"]) == ("error", path, "3", "FM001 unreadable")
    assert _decode(text) == (f"{message}\n{hint}" if hint else message)


def _decode(text: str) -> str:
    """As the runner does it: the percent sign last."""
    for code, char in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        text = text.replace(code, char)
    return text
