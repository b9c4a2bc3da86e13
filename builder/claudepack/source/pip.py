"""pip as a subprocess: asked what an index has, and to fetch a file. It installs nothing and builds nothing.

pip.conf, proxies, certificates, netrc and keyring are pip's and hold here too. What could make it look elsewhere than
into the one index of a pack (extra indexes, find-links) is switched off, whatever the configuration says.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from claudepack.errors import ClaudepackError
from claudepack.source.pip_errors import explain
from claudepack.tasks import Task
from claudepack.urls import strip_credentials

_BLANK = " "  # pip reads an empty variable as none at all, and a blank one as an empty list
_ALWAYS = {
    "PIP_EXTRA_INDEX_URL": _BLANK,
    "PIP_FIND_LINKS": _BLANK,
    "PIP_NO_COLOR": "1",
    "PIP_PROGRESS_BAR": "off",
    "PIP_QUIET": "0",
    "PIP_REQUIRE_HASHES": "0",
    "PIP_REQUIRE_VIRTUALENV": "0",
    "PIP_USER": "0",
}
_SAFE_IN_URL = "/:?=&%@+,~!*()[]-._"
_SCHEMES = ("https://", "http://", "file://")


class Index(NamedTuple):
    """Where packs come from by name: one place.

    Attributes:
        url: Of its simple API, maybe with credentials; empty for the index that pip is configured with.
        folder: A folder of wheels instead; as the manifest calls it, relative to the project.
        root: Where that folder is.
        minimum_age: How many days a version must have been there; 0 for any.
    """

    url: str = ""
    folder: str = ""
    root: str = ""
    minimum_age: int = 0

    def __repr__(self) -> str:
        """All but what may hold credentials."""
        return f"Index(shown={self.shown!r}, root={self.root!r}, minimum_age={self.minimum_age})"

    @property
    def shown(self) -> str:
        """How people are told of it, and how the lock calls it; empty for pip's own."""
        return self.folder or strip_credentials(self.url)


class Answer(NamedTuple):
    """A version that an index has: the file to fetch, and what its metadata require.

    Attributes:
        distribution: The normalised name.
        version: As its metadata spell it.
        url: Of the wheel, as pip found it.
        sha256: Of the wheel; empty where the index does not tell.
        requires: All its requirements.
        yanked: Whether its author has taken it back.
    """

    distribution: str
    version: str
    url: str
    sha256: str
    requires: tuple[str, ...]
    yanked: bool


def ask_index(requirements: Iterable[str], index: Index, stage: Path) -> list[Answer]:
    """The best version for each requirement, each by itself: what they require is not followed.

    Raises:
        ClaudepackError: There is none, or the index does not answer.
    """
    report = stage / "report.json"
    words = ["--dry-run", "--ignore-installed", "--no-deps", "--only-binary=:all:", "--ignore-requires-python"]
    _run(["install", *words, *_age(index), "--report", str(report), *requirements], index, stage)
    document = json.loads(report.read_text(encoding="utf-8"))
    return [_read_answer(item) for item in document["install"]]


def fetch_wheels(lines: Iterable[str], index: Index, stage: Path) -> list[Path]:
    """Download wheels.

    Args:
        lines: Of a requirements file, as `pin_line` makes them.
        index: Where from.
        stage: An own directory.

    Raises:
        ClaudepackError: One cannot be had.
        IntegrityError: One does not have its hash.
    """
    listed, target = stage / "requirements.txt", stage / "wheels"
    pins = list(lines)
    listed.write_text("".join(f"{line}\n" for line in pins), encoding="utf-8")
    words = ["--no-deps", "--only-binary=:all:", "--ignore-requires-python", "--dest", str(target)]
    words += ["--require-hashes"] if all(" --hash=" in line for line in pins) else []
    _run(["download", *words, "--requirement", str(listed)], index, stage)
    return sorted(target.glob("*.whl"))


def list_versions(distribution: str, index: Index, stage: Path) -> list[str]:
    """Every version that an index has of a distribution, pre-releases too and yanked ones not, the newest first.

    Raises:
        ClaudepackError: It has none, or does not answer.
    """
    words = ["--json", "--pre", "--only-binary=:all:", "--ignore-requires-python", *_age(index)]
    output = _run(["index", "versions", *words, distribution], index, stage)
    return [str(version) for version in json.loads(output)["versions"]]


def pin_line(distribution: str, version: str, url: str, sha256: str) -> str:
    """A line of a requirements file: by URL where there is one, by version elsewhere.

    pip replaces `${NAME}` by the environment's value wherever it stands, and an index or a lock may say anything, so
    nothing is passed on but what a URL needs.

    Raises:
        ClaudepackError: The URL is of a kind that pip would have to build from.
    """
    pin = f" --hash=sha256:{sha256}" if re.fullmatch(r"[0-9a-f]{64}", sha256) else ""
    if not url:
        return f"{distribution}=={version}{pin}"
    if not url.startswith(_SCHEMES) or not url.partition("#")[0].partition("?")[0].endswith(".whl"):
        raise ClaudepackError(f"{url!r} is not the URL of a wheel", code="index", hint="fetch it by hand, and look")
    return f"{distribution} @ {quote(url.partition('#')[0], safe=_SAFE_IN_URL)}{pin}"


def _age(index: Index) -> list[str]:
    return [f"--uploaded-prior-to=P{index.minimum_age}D"] if index.minimum_age else []


def _run(words: list[str], index: Index, stage: Path) -> str:
    if index.folder and not Path(index.root).exists():
        hint = "an index is a URL (https://…/simple), its name in [index], or a folder of wheels"
        raise ClaudepackError(f"{index.folder}: no such directory", code="index", hint=hint)
    log = stage / "pip.log"
    environment = {**os.environ, **_ALWAYS, **_choose_index(index)}
    # -P: what lies in the current directory must not pass for pip.
    command = [sys.executable, "-P", "-m", "claudepack.source.metered_pip", "--disable-pip-version-check", "--no-input"]
    folder = ["--find-links", index.root] if index.folder else []
    place = index.shown or "the package index"
    with Task(f"fetching from {place}" if words[0] == "download" else f"asking {place}"):
        done = subprocess.run(
            [*command, "--log", str(log), *words, *folder],
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
    if done.returncode:
        logged = log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""
        raise explain(done.stderr, logged, index.shown)
    return done.stdout


def _choose_index(index: Index) -> Mapping[str, str]:
    if index.folder:
        return {"PIP_NO_INDEX": "1"}
    return {"PIP_NO_INDEX": "0", "PIP_INDEX_URL": index.url} if index.url else {}


def _read_answer(item: Mapping[str, object]) -> Answer:
    from packaging.utils import canonicalize_name

    info, metadata = item["download_info"], item["metadata"]
    if not isinstance(info, dict) or not isinstance(metadata, dict):
        raise TypeError(f"pip's report holds {item!r}")
    hashes = info.get("archive_info", {}).get("hashes", {})
    return Answer(
        distribution=canonicalize_name(str(metadata["name"])),
        version=str(metadata["version"]),
        url=str(info["url"]),
        sha256=str(hashes.get("sha256", "")),
        requires=tuple(map(str, metadata.get("requires_dist", []))),
        yanked=bool(item["is_yanked"]),
    )
