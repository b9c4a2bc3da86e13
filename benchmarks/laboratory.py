"""Where one program is tried: projects of its own for each experiment, which may be killed and spoilt."""

import os
import shutil
import signal
import subprocess
from itertools import count
from pathlib import Path

from benchmarks.peers import LIMIT, Peer, fill, make_surroundings, write_package
from benchmarks.programs import Programs

OLD, NEW = "1.0.0", "1.1.0"
_SIZE = (20, 10)  # skills, and the files of each


class NotInstalledError(Exception):
    """A program did not install what is to be tried, so there is nothing to see."""


class Laboratory:
    """Projects in which one program is tried; each experiment has one of its own."""

    def __init__(self, folder: Path, peer: Peer, programs: Programs) -> None:
        self.peer = peer
        self._folder = folder
        self._numbers = count()
        bin_folder = programs.folders[peer.registry]
        self._program = str(bin_folder / peer.program)
        self.environment = make_surroundings(folder / "home", bin_folder)
        (folder / "home").mkdir(parents=True)
        for version, topic in ((OLD, "one thing"), (NEW, "many things")):
            write_package(folder / version, peer, _SIZE, version, topic)

    def begin(self, *, has_installed: bool = True) -> Path:
        """A new project, and beside it the package; the project has it installed, if not told otherwise.

        It is installed anew each time: apm takes a copy of a project for another installation.
        """
        place = self._folder / f"try-{next(self._numbers)}"
        project = place / "project"
        project.mkdir(parents=True)
        self.lay(place, OLD)
        if has_installed and (status := self.run(project, self.peer.install)):
            raise NotInstalledError(f"not seen: exit {status}")
        return project

    def lay(self, place: Path, version: str) -> Path:
        """Let a version of the package be the newest."""
        shutil.rmtree(place / "pack", ignore_errors=True)
        shutil.copytree(self._folder / version, place / "pack")
        return place / "pack"

    def run(self, project: Path, words: tuple[str, ...], before: tuple[str, ...] = ()) -> int:
        """Run the program to its end."""
        process = self.start(project, words, before)
        try:
            return process.wait(LIMIT)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            return process.wait()

    def start(self, project: Path, words: tuple[str, ...], before: tuple[str, ...] = ()) -> "subprocess.Popen[bytes]":
        """Begin it, as a group that can be killed."""
        return subprocess.Popen(
            [*before, self._program, *fill(words, project.parent / "pack")],
            cwd=project,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )


def read_tree(folder: Path) -> dict[str, bytes]:
    """All files below a folder."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
