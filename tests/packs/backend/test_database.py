"""The SQL of the prompts does on a real PostgreSQL what they say of it."""

import re
import subprocess
from pathlib import Path

import pglast
import pytest

from postgres import Postgres
from sample_project import SAMPLES, SURROUNDINGS, SampleProject
from samples import Sample

pytestmark = pytest.mark.samples

MIGRATIONS = sorted((s for s in SAMPLES if s.file.startswith("migrations/")), key=lambda sample: sample.file)
QUERIES = [s for s in SAMPLES if s.language == "sql" and s not in MIGRATIONS]
RENAME = next(n for n, sample in enumerate(MIGRATIONS) if "display_name" in sample.file)
# Two tenants, and a user and an order of each.
ONE, TWO = "0195f7c2-8e1b-7c3a-9d10-000000000001", "0195f7c2-8e1b-7c3a-9d10-000000000002"


@pytest.fixture
def database(postgres: Postgres, request: pytest.FixtureRequest) -> str:
    """An empty database of the test's own."""
    name = re.sub(r"\W", "_", request.node.name)[-60:].lower()
    postgres.run("postgres", f"CREATE DATABASE {name}")
    return name


def _apply(postgres: Postgres, database: str, migrations: list[Sample]) -> None:
    for sample in migrations:
        postgres.run(database, sample.text, one_transaction="CONCURRENTLY" not in sample.text)


def test_the_migrations_are_numbered_without_a_gap() -> None:
    assert [int(Path(sample.file).name[:4]) for sample in MIGRATIONS] == list(range(1, len(MIGRATIONS) + 1))


def test_they_run_in_their_order(postgres: Postgres, database: str) -> None:
    _apply(postgres, database, MIGRATIONS)

    invalid = "SELECT count(*) FROM pg_index WHERE NOT indisvalid"
    assert postgres.run(database, invalid) == "0"


def test_every_foreign_key_has_an_index_on_its_own_side(postgres: Postgres, database: str) -> None:
    _apply(postgres, database, MIGRATIONS)

    without = """
        SELECT conrelid::regclass || ' ' || conname FROM pg_constraint WHERE contype = 'f' AND NOT EXISTS (
          SELECT FROM pg_index WHERE indrelid = conrelid
          AND (indkey::int2[])[0:cardinality(conkey) - 1] @> conkey)
    """
    assert postgres.run(database, without) == ""


@pytest.mark.parametrize("sample", QUERIES, ids=lambda sample: sample.name)
def test_a_query_is_planned_and_a_statement_runs(postgres: Postgres, database: str, sample: Sample) -> None:
    _apply(postgres, database, MIGRATIONS)
    statements = pglast.split(sample.text)

    assert statements
    runs = [f"PREPARE s{number} AS {text}" if "$" in text else text for number, text in enumerate(statements)]
    postgres.run(database, ";\n".join(["BEGIN", *runs, "ROLLBACK;"]))


def test_a_rename_loses_no_row_of_old_or_new_code(postgres: Postgres, compiled: SampleProject, database: str) -> None:
    insert = "INSERT INTO tenants (id, {}) VALUES ('0195f7c2-8e1b-7c3a-9d10-00000000000{}', '{}');"
    _apply(postgres, database, MIGRATIONS[:RENAME])
    postgres.run(database, insert.format("name", 1, "before"))
    _apply(postgres, database, MIGRATIONS[RENAME : RENAME + 1])
    postgres.run(database, insert.format("name", 2, "old") + insert.format("display_name", 3, "new"))
    postgres.run(database, "UPDATE tenants SET name = 'older' WHERE name = 'old'")
    postgres.run(database, "UPDATE tenants SET display_name = 'newer' WHERE display_name = 'new'")

    script = f"""
        import {{ backfill }} from '{compiled.built}/src/backfill.js';
        import {{ createPool }} from '{compiled.built}/src/pool.js';
        const pool = createPool(process.argv[1], 2, console.error);
        await backfill(pool, 1);
        await pool.end();
    """
    words = ["node", "--input-type=module", "-e", script, postgres.url(database)]
    subprocess.run(words, cwd=compiled.root, check=True, timeout=60)
    _apply(postgres, database, MIGRATIONS[RENAME + 1 :])

    rows = postgres.run(database, "SELECT name, display_name FROM tenants ORDER BY id").splitlines()
    assert rows == ["before|before", "older|older", "newer|newer"]


def test_row_security_shows_a_role_its_tenant_and_without_one_nothing(postgres: Postgres, database: str) -> None:
    _apply(postgres, database, MIGRATIONS)
    postgres.run(
        database,
        f"""
        INSERT INTO tenants (id, name) VALUES ('{ONE}', 'one'), ('{TWO}', 'two');
        INSERT INTO users (id, tenant_id, email, role, password_hash)
          SELECT id, id, name, 'clerk', '' FROM tenants;
        INSERT INTO orders (id, tenant_id, owner_id, total_minor, currency) SELECT id, id, id, 1, 'EUR' FROM tenants;
        CREATE ROLE shop_api LOGIN;
        GRANT SELECT ON orders TO shop_api;
        """,  # noqa: S608 - likewise
    )

    seen = postgres.run(
        database,
        f"""
        BEGIN; SELECT FROM set_config('app.tenant', '{ONE}', true); SELECT tenant_id FROM orders; COMMIT;
        SELECT count(*) FROM orders;
        """,  # noqa: S608 - likewise
        user="shop_api",
    )

    assert seen.split() == [ONE, "0"]


def test_two_deployments_at_once_apply_each_migration_once(
    postgres: Postgres, compiled: SampleProject, database: str
) -> None:
    words = ["node", str(compiled.built / "src/migrate.js"), str(compiled.root / "migrations")]
    both = [
        subprocess.Popen(words, env={"PATH": "/usr/local/bin:/usr/bin:/bin", "DATABASE_URL": postgres.url(database)})
        for _ in range(2)
    ]

    assert [process.wait(60) for process in both] == [0, 0]
    assert postgres.run(database, "SELECT count(*) FROM migrations") == str(len(MIGRATIONS))


def test_the_samples_hold_what_they_promise(postgres: Postgres, compiled: SampleProject, database: str) -> None:
    _apply(postgres, database, MIGRATIONS)
    checks = compiled.root / "checks.mjs"
    checks.write_bytes((SURROUNDINGS / "checks.mjs").read_bytes())

    done = subprocess.run(
        ["node", "--test", str(checks)],
        cwd=compiled.root,
        env={"PATH": "/usr/local/bin:/usr/bin:/bin", "DATABASE_URL": postgres.url(database)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )

    assert done.returncode == 0, done.stdout
    assert "# fail 0" in done.stdout
