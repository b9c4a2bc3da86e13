"""What the samples of the pack are proven with: their libraries, the compiler, a database."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from npm_project import install_packages
from postgres import Postgres, find_postgres, start_postgres
from sample_project import SURROUNDINGS, SampleProject, write_and_compile


@pytest.fixture(scope="session")
def packages() -> Path:
    """What the samples import, as `package-lock.json` names it."""
    if not shutil.which("npm"):
        pytest.skip("npm is not installed, so the libraries that the samples name cannot be")
    return install_packages(SURROUNDINGS)


@pytest.fixture(scope="session")
def compiled(packages: Path, tmp_path_factory: pytest.TempPathFactory) -> SampleProject:
    """The project that the samples make, after one run of the compiler."""
    return write_and_compile(tmp_path_factory.mktemp("samples"), packages)


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    """A real server, for all tests of the pack."""
    programs = find_postgres()
    if not programs:
        pytest.skip("PostgreSQL's server is not installed (Debian: apt-get install postgresql)")
    with start_postgres(programs, tmp_path_factory.mktemp("pg")) as server:
        yield server
