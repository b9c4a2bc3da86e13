"""FL: files that cannot be had everywhere, that nobody reads, or that lie about by mistake."""

import re
import stat
from collections.abc import Iterator, Mapping

from claudepack.lint.fault import Fault
from claudepack.lint.hooks import PLUGIN_HOOKS, SETTINGS, Command, find_commands
from claudepack.lint.registry import text_rule, tree_rule
from claudepack.lint.said import README
from claudepack.lint.subject import Facts, Subject, Text
from claudepack.pack.collection import SKILL
from claudepack.pack.components import place
from claudepack.pack.directory import PYPROJECT
from claudepack.pack.tree import META, is_junk
from claudepack.paths import COMPONENT_FOLDERS, find_collision, find_fault

_NOTE = "version https://git-lfs.github.com/spec/v1\n"  # git-lfs, docs/spec.md: just so, and first
_FOR_PEOPLE = (*META, PYPROJECT, README)
_BACKUP = re.compile(r".*(~|\.(swp|swo|bak|orig|rej|tmp))|#.*#|\.#.*", re.IGNORECASE)
_TEXTS = (".md", ".json", ".toml", ".txt", ".yaml", ".yml")
_EXECUTABLE = 0o111
_BEFORE = r"(?:\$\{?CLAUDE_P(?:ROJECT_DIR|LUGIN_ROOT)(?::-[^}]*)?\}?[\"']?/)?(?:\./)?(?:\.claude/)?"
_SCRIPT = re.compile(rf"^\s*[\"']?{_BEFORE}(?P<path>hooks/[\w./-]+)")


@tree_rule("FL001", "no-plain-file", "error")
def find_special(subject: Subject, _facts: Mapping[str, Facts]) -> Iterator[Fault]:
    """Something is a link that a pack must not hold or that leads nowhere, a device, or a FIFO.

    Why:
        A pack holds plain files: a link leads elsewhere on another machine, and reading a device or a FIFO never ends.
        In a project the client follows a link to a file, so only one that leads nowhere is told there.

    Bad:
        lrwxrwxrwx rules/style.md:
            ../../style.md

    Good:
        -rw-r--r-- rules/style.md:
            Short names.
    """
    for path, file in subject.files.items():
        if not file.is_plain and not stat.S_ISDIR(file.mode):
            kind = "link" if stat.S_ISLNK(file.mode) else "special file"
            where = "a pack holds plain files only" if subject.layout == "pack" else "it leads to no file"
            yield Fault(f"this is a {kind}, and {where}", "put the file itself there", path=path)


@tree_rule("FL002", "unfit-name", "error")
def find_unfit_names(subject: Subject, _facts: Mapping[str, Facts]) -> Iterator[Fault]:
    """A name cannot be had on every system, or holds what nobody sees.

    Why:
        Windows reserves the names of devices, drops dots and blanks at the end, and refuses some characters: a checkout
        fails there. Two names that differ in an invisible character only look like one.

    Bad:
        prompts/aux.md:
            Text.

    Good:
        prompts/auxiliary.md:
            Text.
        prompts/x/con-text (2).md:
            Text.
    """
    for path in subject.files:
        if fault := find_fault(path):
            yield Fault(f"{path!r}: {fault}", "rename it; it is read on every system", path=path)


@tree_rule("FL003", "colliding-names", "error")
def find_colliding(subject: Subject, _facts: Mapping[str, Facts]) -> Iterator[Fault]:
    """Two names are one on systems that fold case, or normalise.

    Why:
        On macOS and Windows one of the two files overwrites the other.

    Bad:
        prompts/Style.md:
            One.
        prompts/style.md:
            Another.

    Good:
        prompts/style.md:
            One.
        prompts/style.css.md:
            Another.
    """
    if clash := find_collision(sorted(subject.files)):
        yield Fault(
            f"{clash[0]!a} and {clash[1]!a} are one file on systems that fold case, or normalise",
            "rename one",
            path=clash[1],
        )


@tree_rule("FL004", "junk", "warning")
def find_junk(subject: Subject, _facts: Mapping[str, Facts]) -> Iterator[Fault]:
    """A file is what a system, a tool or an editor leaves about.

    Why:
        It is copied along, and an editor's backup of an agent may be read as what it was.

    Bad:
        prompts/style.md.orig:
            Short names.

    Good:
        prompts/original.md:
            Short names.
    """
    told: set[str] = set()
    for path in subject.files:
        spot = path.partition("__pycache__")[0] + "__pycache__" if "__pycache__/" in path else path
        if (is_junk(path) or _BACKUP.fullmatch(path.rpartition("/")[2])) and spot not in told:
            told.add(spot)
            yield Fault("a system, a tool or an editor left it here", "delete it, and have git ignore it", path=spot)


@tree_rule("FL005", "executable-text", "warning")
def find_executable_texts(subject: Subject, _facts: Mapping[str, Facts]) -> Iterator[Fault]:
    """A text has the bit of a program.

    Why:
        A pack that brings executables needs consent wherever it is installed, and people wonder what the file does.

    Bad:
        -rwxr-xr-x rules/style.md:
            Short names.

    Good:
        -rw-r--r-- rules/style.md:
            Short names.
        -rwxr-xr-x hooks/check.sh:
            #!/bin/sh
    """
    for path, file in subject.files.items() if subject.has_modes else ():
        if file.is_plain and file.mode & _EXECUTABLE and path.endswith(_TEXTS):
            yield Fault("this text has the exec bit", "chmod -x", path=path)


@tree_rule("FL006", "hook-not-executable", "warning")
def find_dull_hooks(subject: Subject, _facts: Mapping[str, Facts]) -> Iterator[Fault]:
    """A hook calls a script that has no exec bit.

    Why:
        The shell refuses to run it, and the client goes on without what the hook should have done.

    Bad:
        settings.json:
            {"hooks": {"Stop": [{"hooks": [{"type": "command", "command": "$CLAUDE_PROJECT_DIR/.claude/hooks/a.sh"}]}]}}
        -rw-r--r-- hooks/a.sh:
            #!/bin/sh

    Good:
        settings.json:
            {"hooks": {"Stop": [{"hooks": [{"type": "command", "command": "sh .claude/hooks/a.sh"}]}]}}
        -rw-r--r-- hooks/a.sh:
            #!/bin/sh
    """
    for path, command, script in _find_scripts(subject):
        file = subject.files.get(script)
        if file and file.is_plain and not file.mode & _EXECUTABLE and not script.endswith((".exe", ".cmd", ".bat")):
            why = f"the hook of {command.event} runs {script}, which has no exec bit"
            hint = "chmod +x, and git update-index --chmod=+x; or name its interpreter before it"
            yield Fault(why, hint, command.line, command.column, command.end, path)


@tree_rule("FL007", "hook-script-missing", "warning")
def find_missing_scripts(subject: Subject, _facts: Mapping[str, Facts]) -> Iterator[Fault]:
    """A hook runs a script that is not there.

    Why:
        The hook fails each time, and mostly that shows in the client's debug log only.

    Bad:
        settings.json:
            {"hooks": {"Stop": [{"hooks": [{"type": "command", "command": ".claude/hooks/absent.sh"}]}]}}

    Good:
        settings.json:
            {"hooks": {"Stop": [{"hooks": [{"type": "command", "command": "git hooks/absent.sh; ls .git/hooks/x"}]}]}}
    """
    for path, command, script in _find_scripts(subject):
        if script not in subject.files and subject.layout in ("pack", "project", "plugin"):
            yield Fault(
                f"{script} is not there", "add it, or mend the path", command.line, command.column, command.end, path
            )


def _find_scripts(subject: Subject) -> Iterator[tuple[str, Command, str]]:
    """The scripts that hooks call directly: where it is said, the command, the script."""
    for path in (*SETTINGS, PLUGIN_HOOKS):
        for command in find_commands(subject.read(path)) if path in subject.files else ():
            match = _SCRIPT.match(command.text)
            if match and (".claude/" in match[0] or "CLAUDE_" in match[0]):
                yield path, command, match["path"].rstrip(".")


@tree_rule("FL008", "not-read-there", "error")
def find_unread(subject: Subject, _facts: Mapping[str, Facts]) -> Iterator[Fault]:
    """A file of a pack lies where the client does not read it.

    Why:
        It would be installed, and be there for nothing: agents, commands, rules and output styles are files `.md`, and
        what stands flat in `skills/` is none.

    Bad:
        pack.toml:
            format = 1
        agents/notes.txt:
            To do.

    Good:
        pack.toml:
            format = 1
        prompts/notes.txt:
            To do.
    """
    if subject.layout == "pack":
        for path, file in subject.files.items():
            known = path in _FOR_PEOPLE or is_junk(path) or stat.S_ISDIR(file.mode)
            if place(path) is None and not known:
                hint = "agents, commands and rules end in .md; other text belongs in prompts/"
                yield Fault("the client does not read this file there", hint, path=path)


@tree_rule("FL009", "nearly-read", "warning")
def find_nearly_read(subject: Subject, _facts: Mapping[str, Facts]) -> Iterator[Fault]:
    """A skill lies flat, or an output style in a folder.

    Why:
        A skill is a folder with a `SKILL.md`, an output style a file beside the others: what lies otherwise the client
        skips without a word. In a pack, every file that is not read is told.

    Bad:
        skills/review.md:
            ---
            name: review
            description: Reviews a change.
            ---

    Good:
        skills/review/SKILL.md:
            ---
            name: review
            description: Reviews a change.
            ---
        commands/deploy.sh:
            #!/bin/sh
    """
    for path in subject.files if subject.layout != "pack" else ():
        if place(path) is None and path.endswith(".md"):
            if path.startswith("skills/"):
                hint = f"make it {path.removesuffix('.md')}/{SKILL}"
                yield Fault("a skill is a folder, and the client skips this file", hint, path=path)
            elif path.startswith("output-styles/"):
                yield Fault("output styles lie flat, and the client skips this file", "move it up", path=path)


@tree_rule("FL010", "skill-without-head", "error")
def find_headless_skills(subject: Subject, _facts: Mapping[str, Facts]) -> Iterator[Fault]:
    """A folder in `skills/` has no `SKILL.md`, spelt just so.

    Why:
        The client looks for `skills/NAME/SKILL.md`; `skill.md`, and folders of skills in folders, it does not find. In
        a project, a folder that holds nothing of the kind may be what skills share.

    Bad:
        skills/review/skill.md:
            ---
            name: review
            description: Reviews a change.
            ---

    Good:
        skills/review/SKILL.md:
            ---
            name: review
            description: Reviews a change.
            ---
        skills/shared/words.txt:
            Short ones.
    """
    skills: dict[str, list[str]] = {}
    for path in subject.files:
        if path.startswith("skills/") and path.count("/") > 1 and not is_junk(path):
            skills.setdefault(path.split("/")[1], []).append(path)
    for skill, paths in sorted(skills.items()):
        meant = any(path.lower().endswith(f"/{SKILL.lower()}") for path in paths)
        if f"skills/{skill}/{SKILL}" not in paths and (meant or subject.layout == "pack"):
            yield Fault(f"there is no {SKILL}, exactly so", "rename or add it", path=f"skills/{skill}")


@tree_rule("FL011", "empty", "error")
def find_empty(subject: Subject, _facts: Mapping[str, Facts]) -> Iterator[Fault]:
    """A pack holds nothing.

    Why:
        Nothing would be installed; mostly its files lie in a folder of another name.

    Bad:
        pack.toml:
            format = 1
        agent/reviewer.md:
            You review changes.

    Good:
        pack.toml:
            format = 1
        prompts/reviewing.md:
            Look twice.
    """
    tops = {path.partition("/")[0] for path in subject.files}
    wholes = {path for path in subject.files if "/" not in path and place(path)}
    if subject.layout == "pack" and not wholes and tops.isdisjoint(COMPONENT_FOLDERS):
        yield Fault("the pack holds nothing", "add agents/NAME.md", path=PYPROJECT)


@text_rule("FL012", "unreadable", "error")
def find_unreadable(text: Text) -> Iterator[Fault]:
    """A file or a folder cannot be read.

    Why:
        The client skips what it cannot read without a word. Nothing in it is checked, so nobody can say that it is
        right: this is told whatever `--select` says, unless `--ignore` names the whole code.

    Bad:
        ---------- agents/reviewer.md:
            ---
            name: reviewer
            description: Reviews a change.
            ---

    Good:
        -rw-r--r-- agents/reviewer.md:
            ---
            name: reviewer
            description: Reviews a change.
            ---
    """
    if stat.S_ISDIR(text.file.mode):
        yield Fault("a folder that cannot be read: nothing in it is checked, and the client skips it", "chmod u+rwX")
    elif text.failure:
        why = text.failure.strerror or str(text.failure)
        yield Fault(f"{why}: nothing in it is checked, and the client skips it", "make it readable: chmod u+r")


@text_rule("FL013", "large-file-note", "error")
def find_large_file_notes(text: Text) -> Iterator[Fault]:
    """A file is only the note that Git LFS keeps in its place.

    Why:
        Where git-lfs is not set up, a checkout has three lines about the file instead of it, and so has what is read
        from a repository. An agent of them is none, and a picture or a script is there for nothing.

    Bad:
        skills/draw/shapes.svg:
            version https://git-lfs.github.com/spec/v1
            oid sha256:6a09e667f3bcc908b2fb1366ea957d3e3adec17512775099da2f590b0667322a
            size 48213
        skills/draw/SKILL.md:
            ---
            name: draw
            description: Draws.
            ---

    Good:
        prompts/large-files.md:
            A note begins with "version https://git-lfs.github.com/spec/v1".
    """
    if text.content.startswith(_NOTE):
        yield Fault(
            "this is what Git LFS keeps in place of the file, not the file",
            "git lfs pull, or keep the file in git itself; a pack from a repository has no other",
        )
