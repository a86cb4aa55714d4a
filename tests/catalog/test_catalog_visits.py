"""Visits to the catalog, in DuckDB and in PostgreSQL: what is written is whole, and lasts."""

import threading
from datetime import UTC, datetime, timedelta, timezone

import duckdb
import pg8000.dbapi
import pytest

from catalog.database import Catalog
from catalog.migrate import Migration, known_migrations
from tests.catalog.forks import ADD, names


def add(catalog: Catalog, name: str) -> None:
    with catalog.transaction() as session:
        session.execute(ADD, [name])


def test_what_was_written_is_read_back(catalog: Catalog) -> None:
    add(catalog, "sales")
    assert names(catalog) == ["sales"]


def add_and_fail(catalog: Catalog, name: str) -> None:
    with catalog.transaction() as session:
        session.execute(ADD, [name])
        raise KeyError("mine")


def test_an_error_inside_a_transaction_leaves_nothing_of_it(catalog: Catalog) -> None:
    add(catalog, "before")
    with pytest.raises(KeyError, match="mine"):
        add_and_fail(catalog, "half")
    assert names(catalog) == ["before"]


def test_threads_that_read_and_write_take_turns(catalog: Catalog) -> None:
    def work(number: int) -> None:
        for n in range(5):
            add(catalog, f"{number}-{n}")
            names(catalog)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(names(catalog)) == 20


def test_a_visit_inside_a_visit_is_a_mistake_that_is_named(catalog: Catalog) -> None:
    with catalog.transaction(), pytest.raises(RuntimeError, match=r"has .* open already"):
        names(catalog)
    assert names(catalog) == []


def with_another_migration(monkeypatch: pytest.MonkeyPatch, sql: str) -> None:
    longer = [*known_migrations(), Migration(9000, "9000_more", sql)]
    monkeypatch.setattr("catalog.migrate.known_migrations", lambda: longer)


@pytest.mark.parametrize("way", ["transaction", "reading"])
def test_an_older_catalog_is_brought_up_to_date_and_keeps_what_it_has(
    catalog: Catalog, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(catalog, "sales")
    with_another_migration(monkeypatch, "CREATE TABLE findmatches.later (a TEXT)")
    with getattr(catalog, way)() as session:
        assert session.rows("SELECT * FROM findmatches.later") == []
        applied = session.rows("SELECT version FROM findmatches.schema_migrations ORDER BY version")
    assert [row["version"] for row in applied] == [*(migration.version for migration in known_migrations()), 9000]
    assert names(catalog) == ["sales"]


@pytest.mark.parametrize("way", ["transaction", "reading"])
def test_a_migration_that_fails_half_way_leaves_the_catalog_as_it_was(
    catalog: Catalog, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(catalog, "sales")
    with monkeypatch.context() as patched:
        with_another_migration(patched, "CREATE TABLE findmatches.later (a TEXT); SELECT * FROM nowhere")
        with (
            pytest.raises((duckdb.CatalogException, pg8000.dbapi.DatabaseError), match="nowhere"),
            getattr(catalog, way)(),
        ):
            pytest.fail("opened")
    assert names(catalog) == ["sales"]
    with catalog.reading() as session:
        assert session.rows("SELECT * FROM information_schema.tables WHERE table_name = 'later'") == []


def test_times_are_kept_in_utc_and_come_back_with_their_zone(catalog: Catalog) -> None:
    noon_in_berlin = datetime(2024, 7, 1, 12, 0, tzinfo=timezone(timedelta(hours=2)))
    with catalog.transaction() as session:
        session.insert("databases", {"name": "sales", "create_time": noon_in_berlin})
        row = session.row("SELECT create_time, CAST(create_time AS TEXT) AS kept FROM findmatches.databases")
    assert row == {"create_time": datetime(2024, 7, 1, 10, 0, tzinfo=UTC), "kept": "2024-07-01 10:00:00"}


@pytest.mark.parametrize("count", [0, 1, 500, 1201])
def test_many_rows_are_inserted_once_each(catalog: Catalog, count: int) -> None:
    now = datetime.now(UTC)
    with catalog.transaction() as session:
        rows = [(f"n{number}", now) for number in range(count)]
        session.many("INSERT INTO findmatches.databases (name, create_time) VALUES (?)", rows)
    assert len(names(catalog)) == count
