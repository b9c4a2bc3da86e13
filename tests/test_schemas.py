"""What editors accept is what claudepack reads."""

import json
import tempfile
from pathlib import Path

import jsonschema
import pytest
import tomlkit
from hypothesis import given
from hypothesis import strategies as st

from claudepack.errors import ClaudepackError
from claudepack.fleet.fleet_file import read_fleet
from claudepack.pack.settings import read_settings
from claudepack.project.manifest import parse_manifest
from claudepack.resources import locate_resource
from claudepack.schemas import make_fleet_schema, make_manifest_schema, make_pack_schema, render_schemas

WORDS = st.sampled_from(["backend", "a-b", "Not A Name", "version", "path", "git", "tag", "exclude", "context", "x"])
LEAVES = st.one_of(
    st.sampled_from(["", ">=1", "inline", "rules", "import", "../x", "/x", "hooks"]), st.integers(0, 2), st.booleans()
)
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(WORDS, inner, max_size=2), max_leaves=4
)
ENTRIES = st.dictionaries(
    st.sampled_from(["version", "path", "git", "tag", "rev", "allow", "exclude", "nope"]), VALUES, max_size=3
)
MANIFESTS = st.fixed_dictionaries(
    {},
    optional={
        "packs": st.dictionaries(WORDS, ENTRIES | LEAVES, max_size=2),
        "project": st.dictionaries(st.sampled_from(["context", "nope"]), LEAVES, max_size=1),
        "variables": st.dictionaries(WORDS, VALUES, max_size=2),
        "nope": VALUES,
    },
)
VARIABLES = st.dictionaries(
    WORDS, st.dictionaries(st.sampled_from(["default", "help", "nope"]), VALUES, max_size=2), max_size=2
)
MEMBERS = st.fixed_dictionaries(
    {},
    optional={
        "url": st.sampled_from(["", "https://example.org/a"]),
        "branch": LEAVES,
        "packs": st.dictionaries(st.sampled_from(["backend", "a"]), ENTRIES | LEAVES, max_size=1),
        "nope": LEAVES,
    },
)
FLEETS = st.fixed_dictionaries(
    {},
    optional={
        "packs": st.dictionaries(WORDS, ENTRIES | LEAVES, max_size=2),
        "variables": st.dictionaries(WORDS, VALUES, max_size=1),
        "commit": st.dictionaries(st.sampled_from(["author", "sign-off", "nope"]), LEAVES, max_size=2),
        "repository": st.lists(MEMBERS, max_size=2) | LEAVES,
        "nope": VALUES,
    },
)
PACKS = st.fixed_dictionaries({}, optional={"format": st.integers(0, 2), "variables": VARIABLES, "nope": VALUES})


def _is_valid(document: object, schema: dict[str, object]) -> bool:
    return jsonschema.Draft7Validator(schema).is_valid(document)


@pytest.mark.parametrize("name", ["claudepack.schema.json", "fleet.schema.json", "pack.schema.json"])
def test_the_shipped_schemas_are_those_that_the_code_makes(name: str) -> None:
    text = (locate_resource("templates") / "schemas" / name).read_text(encoding="utf-8")

    assert text == render_schemas()[name], "python -m claudepack.schemas templates/schemas"
    jsonschema.Draft7Validator.check_schema(json.loads(text))


@given(document=MANIFESTS)
def test_a_manifest_is_read_just_when_its_schema_accepts_it(document: dict[str, object]) -> None:
    try:
        parse_manifest(tomlkit.dumps(document))
    except ClaudepackError:
        assert not _is_valid(document, make_manifest_schema())
    else:
        entries = document.get("packs", {})
        empty = isinstance(entries, dict) and any(
            isinstance(entry, dict) and "" in entry.values() for entry in entries.values()
        )
        assert empty or _is_valid(document, make_manifest_schema())


@given(document=FLEETS)
def test_a_fleet_is_read_just_when_its_schema_accepts_it(document: dict[str, object]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "fleet.toml")
        path.write_text(tomlkit.dumps(document), encoding="utf-8")
        try:
            read_fleet(path)
        except ClaudepackError:
            assert not _is_valid(document, make_fleet_schema())
        else:
            assert '""' in str(document).replace("'", '"') or _is_valid(document, make_fleet_schema())


@given(document=PACKS)
def test_a_pack_toml_is_read_just_when_its_schema_accepts_it(document: dict[str, object]) -> None:
    try:
        read_settings(tomlkit.dumps(document).encode(), "pack.toml")
    except ClaudepackError:
        assert not _is_valid(document, make_pack_schema())
    else:
        assert _is_valid(document, make_pack_schema())
