"""The journal of a transaction: what a run that was committed will have done, whatever happens to it.

It comes from a directory that anybody may have filled, so it is read as a claim: nothing in it reaches
outside the project, or to what is none of claudepack's business there.
"""

import json
import os
from collections.abc import Mapping
from typing import NamedTuple, cast

from claudepack.apply import primitives
from claudepack.apply.site import FOLDER, Site
from claudepack.errors import ClaudepackError
from claudepack.hashing import LIMIT, read_plain
from claudepack.paths import COMPONENT_FOLDERS, is_confined

FORMAT = 1
_OWN = (".claude", FOLDER, "claudepack.toml", "claudepack.lock", "CLAUDE.md", ".mcp.json")
_TOPS = frozenset([*_OWN, *COMPONENT_FOLDERS, "settings.json", "context"])  # those of `~/.claude` among them
STAGE = f"{FOLDER}/stage"
_LARGEST = 16 * LIMIT  # what was committed has to be read, and an entry takes several times its line in the lock


class Entry(NamedTuple):
    """One operation.

    Attributes:
        path: Relative to the project.
        slot: The file in the stage that holds its content, later what came out; relative to its area.
        area: Which of the journal's areas the slot is in.
        pre: The hash of what was there, None for nothing.
        post: The hash of what will be there, None for nothing.
        executable: The exec bit that it will have; None leaves it.
    """

    path: str
    slot: str
    area: int
    pre: str | None
    post: str | None
    executable: bool | None = None


class Journal(NamedTuple):
    """A transaction.

    Attributes:
        entries: In the order that they are done; the lock's is the last.
        areas: The folders of the stage, relative to the project; empty for the one beside the journal.
        made: Directories that are made on the way, relative to the project.
        removed: Directories that are removed afterwards if they are empty, deepest first.
        lock: The path of the lock, empty where there is none.
    """

    entries: tuple[Entry, ...]
    areas: tuple[str, ...]
    made: tuple[str, ...]
    removed: tuple[str, ...]
    lock: str

    @property
    def going(self) -> list[Entry]:
        """Those that remove a file. They come first: a folder may come in its place."""
        return [entry for entry in self.entries if entry.post is None]

    @property
    def coming(self) -> list[Entry]:
        """All others."""
        return [entry for entry in self.entries if entry.post is not None]

    def with_lock(self, entry: Entry) -> "Journal":
        """The same with another entry for the lock."""
        return self._replace(entries=(*(item for item in self.entries if item.path != self.lock), entry))


def write_journal(site: Site, journal: Journal) -> None:
    """Commit: from here on the run is done, now or by whoever comes next.

    Raises:
        OSError: It cannot be written.
    """
    document = {"format": FORMAT, **journal._asdict(), "entries": [entry._asdict() for entry in journal.entries]}
    primitives.write_durably(site.journal, json.dumps(document).encode(), is_throwaway=site.is_throwaway)


def drop_journal(site: Site) -> None:
    """The run is over, or never began."""
    primitives.remove(site.journal + primitives.FRESH)
    primitives.remove(site.journal)
    if not site.is_throwaway:
        primitives.sync_directory(site.state)


def read_journal(site: Site) -> Journal | None:
    """The journal of a run that was cut short.

    Raises:
        ClaudepackError: It is not one that this program wrote.
    """
    try:
        data = read_plain(site.journal, site.journal, _LARGEST)
    except FileNotFoundError:
        return None
    try:
        journal = _parse(json.loads(data))
        _refuse_faults(site, journal)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise ClaudepackError(
            f"{site.journal}: not a journal of format {FORMAT}: {error}",
            code="journal",
            hint="look at what it says, move it away, then: claudepack sync",
        ) from error
    return journal


def _parse(document: Mapping[str, object]) -> Journal:
    if document["format"] != FORMAT:
        raise ValueError(f"its format is {document['format']!r}")
    rows = cast("list[dict[str, object]]", document["entries"])
    return Journal(
        tuple(_parse_entry(row) for row in rows),
        _texts(document["areas"]),
        _texts(document["made"]),
        _texts(document["removed"]),
        str(document["lock"]),
    )


def _refuse_faults(site: Site, journal: Journal) -> None:
    locks = [journal.lock] if journal.lock else []
    for path in [*journal.made, *journal.removed, *locks, *(entry.path for entry in journal.entries)]:
        if not is_confined(path) or path.split("/")[0] not in _TOPS:
            raise ValueError(f"{path!r} is no place of a pack")
    for area in journal.areas:
        if area and not is_stage(site, area):
            raise ValueError(f"{area!r} is no place of a stage")
    for entry in journal.entries:
        if not is_confined(entry.slot) or "/" in entry.slot or not 0 <= entry.area < len(journal.areas):
            raise ValueError(f"{entry.slot!r} is in no stage")


def is_stage(site: Site, area: str) -> bool:
    """Whether a folder of the project is one that holds nothing but a stage, and no link leads away from it."""
    folder = locate_area(site, area)
    return is_confined(area) and f"/{area}".endswith(f"/{STAGE}") and os.path.realpath(folder) == folder


def _parse_entry(row: Mapping[str, object]) -> Entry:
    pre, post, executable = row["pre"], row["post"], row["executable"]
    area = row["area"]
    if not isinstance(area, int) or not (executable is None or isinstance(executable, bool)):
        raise TypeError(f"{row!r}")
    return Entry(
        str(row["path"]),
        str(row["slot"]),
        area,
        None if pre is None else str(pre),
        None if post is None else str(post),
        executable,
    )


def _texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise TypeError(f"{value!r} is no list of texts")
    return tuple(value)


def locate_area(site: Site, area: str) -> str:
    """The absolute path of a folder of the stage."""
    return os.path.join(site.root, area) if area else site.stage
