"""Tables that are no files: read as they are when they are asked for, and the same throughout a step."""

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from catalog import snapshots
from catalog.database import Catalog
from catalog.snapshots import settled
from catalog.table import Column, Table
from catalog.tables import register_table
from catalog.views import run_query
from errors import InvalidInputError
from storage.copies import Copies
from storage.workspace import Workspace
from tasks.records import read_records, read_typed_records
from tests.catalog.conftest import in_duckdb

PEOPLE = Table(
    "default",
    "people",
    "shop.public.people",
    "postgresql",
    (Column("id", "int", "Id"), Column("name", "string", "name")),
    {"connectionName": "shop"},
    ("shop.public.people",),
)


@pytest.fixture
def server_has(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Let the server have these rows from now on."""

    def have(*rows: tuple[int, str | None]) -> None:
        def write(_: Workspace, table: Table, path: Path) -> None:
            assert table.location == PEOPLE.location
            ids, names = [row[0] for row in rows], [row[1] for row in rows]
            pq.write_table(pa.table({"Id": pa.array(ids, pa.int32()), "name": pa.array(names, pa.string())}), path)

        monkeypatch.setitem(snapshots._WRITERS, "postgresql", write)

    return have


def test_a_query_sees_the_rows_of_now(catalog: Catalog, server_has: Callable[..., None]) -> None:
    server_has((1, "Ann"))
    register_table(catalog, PEOPLE)
    assert run_query(catalog, "SELECT id, name FROM default.people") == (["id", "name"], [(1, "Ann")])
    server_has((1, "Ann"), (2, None))
    assert run_query(catalog, "SELECT * FROM people ORDER BY id")[1] == [(1, "Ann"), (2, None)]


def test_no_row_is_read_when_a_table_is_catalogued(catalog: Catalog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(snapshots._WRITERS, "mysql")
    monkeypatch.setitem(snapshots._WRITERS, "postgresql", lambda *_: pytest.fail("rows were read"))
    assert register_table(catalog, PEOPLE).version_id == 0
    assert not catalog.workspace.copies.exists()


@in_duckdb
def test_a_file_that_becomes_a_table_of_a_database_takes_its_view_along(
    catalog: Catalog, people_csv: Path, server_has: Callable[..., None]
) -> None:
    from tasks.crawl import crawl

    crawl(catalog.workspace, str(people_csv), table="people")
    server_has((1, "Ann"))
    register_table(catalog, PEOPLE)
    with catalog.reading() as session:
        assert session.rows("SELECT view_name FROM duckdb_views() WHERE schema_name = 'default'") == []
    assert run_query(catalog, "SELECT count(*) FROM people")[1] == [(1,)]


def test_a_query_of_other_tables_asks_no_server(
    catalog: Catalog, people_csv: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tasks.crawl import crawl

    register_table(catalog, PEOPLE)
    crawl(catalog.workspace, str(people_csv), table="persons")
    monkeypatch.setitem(snapshots._WRITERS, "postgresql", lambda *_: pytest.fail("rows were read"))
    assert run_query(catalog, "SELECT count(*) FROM persons")[1] == [(90,)]


def test_a_settled_table_keeps_its_rows(workspace: Workspace, server_has: Callable[..., None]) -> None:
    server_has((1, "Ann"), (2, ""))
    table = settled(Copies(workspace.copies), PEOPLE)
    server_has((3, "Bob"))
    assert read_records(workspace, table, "id").to_pylist() == [{"id": "1", "name": "Ann"}, {"id": "2", "name": None}]
    assert read_typed_records(workspace, table).to_pylist() == [{"id": 1, "name": "Ann"}, {"id": 2, "name": ""}]
    assert read_records(workspace, PEOPLE, "id")["id"].to_pylist() == ["3"]


def test_errors_name_the_table_and_not_its_snapshot(workspace: Workspace, server_has: Callable[..., None]) -> None:
    server_has((1, "Ann"), (1, "Bob"))
    with pytest.raises(InvalidInputError, match="Primary key 'id' is not unique: 1 key repeats: '1'"):
        read_records(workspace, PEOPLE, "id")
