"""Every sample of the prompts is proven: it compiles, parses and runs with what it is written for."""

import json
import os
import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Callable, Mapping

import pglast
import pytest
import yaml
from jsonschema.exceptions import ValidationError
from openapi_spec_validator import validate

from claudepack.fences import find_open_fence
from sample_project import PACK, SAMPLES, SURROUNDINGS, SampleProject, place_of
from samples import Sample

pytestmark = pytest.mark.samples

Check = Callable[[Sample, pytest.FixtureRequest], None]


def _compiles(sample: Sample, request: pytest.FixtureRequest) -> None:
    project: SampleProject = request.getfixturevalue("compiled")
    assert project.errors.get(place_of(sample), "") == ""


def _parses_as_sql(sample: Sample, _: pytest.FixtureRequest) -> None:
    assert pglast.parse_sql(sample.text)


def _parses_as_json(sample: Sample, _: pytest.FixtureRequest) -> None:
    _validate_openapi(json.loads(sample.text))


def _parses_as_yaml(sample: Sample, _: pytest.FixtureRequest) -> None:
    for document in yaml.safe_load_all(sample.text):
        assert document
        _validate_openapi(document)


def _validate_openapi(document: object) -> None:
    if isinstance(document, dict) and "openapi" in document:
        validate(document)


def _parses_as_bash(sample: Sample, _: pytest.FixtureRequest) -> None:
    done = subprocess.run(["bash", "-n"], input=sample.text, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def _parses_as_dockerfile(sample: Sample, request: pytest.FixtureRequest) -> None:
    program = request.getfixturevalue("packages") / ".bin" / "dockerfile-utils"
    words = [str(program), "lint", "/dev/stdin"]
    done = subprocess.run(words, input=sample.text, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


CHECKS: Mapping[str, Check] = {
    "bash": _parses_as_bash,
    "dockerfile": _parses_as_dockerfile,
    "json": _parses_as_json,
    "sql": _parses_as_sql,
    "ts": _compiles,
    "yaml": _parses_as_yaml,
}


def test_no_sample_is_without_a_check() -> None:
    counts = Counter(sample.language for sample in SAMPLES)

    assert set(counts) == set(CHECKS), "each language has a check, and each check a sample"
    assert len(SAMPLES) == sum(text.count("\n```") for text in _pages().values()) / 2


def _pages() -> Mapping[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in sorted(PACK.rglob("*.md*"))}


def test_no_two_samples_are_one_file_and_no_fence_stays_open() -> None:
    files = Counter(sample.file for sample in SAMPLES if sample.file)

    assert [file for file, count in files.items() if count > 1] == []
    assert {name: find_open_fence(text) for name, text in _pages().items()} == dict.fromkeys(_pages(), 0)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_a_sample_is_what_its_language_says(sample: Sample, request: pytest.FixtureRequest) -> None:
    CHECKS[sample.language](sample, request)


def test_the_openid_sample_believes_only_its_provider(compiled: SampleProject) -> None:
    if not shutil.which("openssl"):
        pytest.skip("openssl is not installed, so the provider has no certificate")
    shutil.copy2(SURROUNDINGS / "oidc.mjs", compiled.root)
    words = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key.pem -out cert.pem -days 1"
    subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    subprocess.run([*words.split(), *subject], cwd=compiled.root, check=True, capture_output=True)

    done = subprocess.run(
        ["node", "--test", "oidc.mjs"],
        cwd=compiled.root,
        env={**os.environ, "NODE_EXTRA_CA_CERTS": str(compiled.root / "cert.pem")},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert done.returncode == 0, done.stdout


REFUSALS = (AssertionError, ValueError, pglast.Error, yaml.YAMLError, ValidationError)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("bash", "if true; then echo"),
        ("dockerfile", "FORM node:24\n"),
        ("json", '{"a": }'),
        ("json", '{"openapi": "3.1.0", "paths": {}}'),
        ("sql", "SELEC 1"),
        ("sql", "-- nothing\n"),
        ("yaml", "a: [1"),
        ("yaml", "openapi: 3.1.0\ninfo: {title: a, version: 1}\npaths: {}\n"),
    ],
)
def test_a_broken_sample_is_refused(language: str, text: str, request: pytest.FixtureRequest) -> None:
    with pytest.raises(REFUSALS):
        CHECKS[language](Sample("page.md", 1, language, text), request)


def test_the_libraries_come_from_whichever_registry_npm_is_set_to() -> None:
    lock = json.loads((SURROUNDINGS / "package-lock.json").read_text(encoding="utf-8"))
    places = {entry.get("resolved", "") for entry in lock["packages"].values()}

    assert {place for place in places if not place.startswith("https://registry.npmjs.org/")} <= {""}
    assert all("integrity" in entry for path, entry in lock["packages"].items() if path)


def test_no_prompt_repeats_another() -> None:
    prompts = {path.name: path.read_text(encoding="utf-8") for path in (PACK / "prompts").rglob("*.md")}
    runs = Counter(run for text in prompts.values() for run in _runs_of_ten_words(text))

    assert len(prompts) == 5
    assert [run for run, count in runs.items() if count > 1] == []


def _runs_of_ten_words(text: str) -> set[str]:
    """Every ten words that follow each other, but for imports, which name the same files everywhere."""
    words = re.findall(r"\w+", re.sub(r"^import .*$", "", text, flags=re.MULTILINE))
    return {" ".join(words[start : start + 10]) for start in range(len(words) - 9)}
