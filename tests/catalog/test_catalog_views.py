"""Files as SQL: as text, as catalogued types, and through `run_query`."""

import gzip
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import fsspec
import pytest

from catalog.database import Catalog
from catalog.hive_types import duck_type
from catalog.tables import Column, Table, get_table, register_table
from catalog.views import records_query, run_query
from errors import InvalidInputError
from storage.duck import connect, literal
from storage.duck_errors import in_plain_words
from tests.catalog.conftest import in_duckdb

HOSTILE = "a\"; DROP SCHEMA findmatches CASCADE; --\n'x"

TableOf = Callable[..., Table]


@pytest.fixture
def table_of(tmp_path: Path) -> TableOf:
    """Make a table over files with the given contents, in that order; CSV with a header unless told otherwise."""

    def make(*contents: str | bytes, classification: str = "csv", header: bool = True, **more: Any) -> Table:
        paths = [tmp_path / f"{9 - number}.{classification}" for number in range(len(contents))]
        for path, content in zip(paths, contents, strict=True):
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        parameters = {"skip.header.line.count": "1"} if header and classification == "csv" else {}
        return Table(
            database_name=more.get("database_name", "default"),
            name=more.get("name", "things"),
            location=str(tmp_path),
            classification=classification,
            columns=more.get("columns", columns(id="bigint", name="string")),
            parameters=parameters | more.get("parameters", {}),
            files=tuple(map(str, paths)),
        )

    return make


def columns(**types: str) -> tuple[Column, ...]:
    return tuple(Column(name, type_, name) for name, type_ in types.items())


def read(table: Table, as_text: bool) -> list[tuple[Any, ...]]:
    with closing(connect(paths=table.files)) as connection, in_plain_words():
        return connection.execute(records_query(table, as_text)).fetchall()


def test_csv_as_text_is_what_the_file_says(table_of: TableOf) -> None:
    table = table_of('id,name\n007, Ann \n"1.50","O""Hara, Bob"\n')
    assert read(table, as_text=True) == [("007", " Ann "), ("1.50", 'O"Hara, Bob')]


def test_csv_as_catalogued_has_its_types(table_of: TableOf) -> None:
    table = table_of(
        "n,x,t,b,d,w\n007,1.50,abc,true,2024-01-31,2024-01-31 10:00:00\n",
        columns=columns(n="bigint", x="double", t="string", b="boolean", d="date", w="timestamp"),
    )
    ten = datetime(2024, 1, 31, 10)  # noqa: DTZ001 - a timestamp in a file has no zone
    assert read(table, as_text=False) == [(7, 1.5, "abc", True, date(2024, 1, 31), ten)]


@pytest.mark.parametrize("as_text", [True, False], ids=["as text", "typed"])
@pytest.mark.parametrize("content", ['id,name\n,\n"",""\n', "id,name\r\n,\r\n,\r\n"], ids=["quoted", "CRLF"])
def test_an_empty_cell_is_null(table_of: TableOf, content: str, as_text: bool) -> None:
    assert read(table_of(content), as_text) == [(None, None), (None, None)]


def test_several_files_are_read_in_their_order_and_each_has_its_header(table_of: TableOf) -> None:
    table = table_of("id,name\n3,c\n1,a\n", "id,name\n2,b\n")
    assert [file[-5:] for file in table.files] == ["9.csv", "8.csv"]
    assert read(table, as_text=True) == [("3", "c"), ("1", "a"), ("2", "b")]


def test_a_file_without_a_header_starts_with_a_record(table_of: TableOf) -> None:
    assert read(table_of("1,a\n2,b\n", header=False), as_text=False) == [(1, "a"), (2, "b")]


def test_delimiter_quote_and_compression_come_from_the_parameters(table_of: TableOf) -> None:
    content = gzip.compress(b"id|name\n1|'a|b'\n")
    table = table_of(content, parameters={"delimiter": "|", "quoteChar": "'", "compressionType": "gzip"})
    assert read(table, as_text=True) == [("1", "a|b")]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("2", "has 1 value where 2 are expected"),
        ("2,b,c", "has 3 values where 2 are expected"),
        ('2,"b" c', "has a quote that is not closed"),
        (b"2,caf\xe9", "is not UTF-8 text"),
    ],
    ids=["too few", "too many", "quotes", "encoding"],
)
def test_a_row_that_cannot_be_read_is_named_by_file_and_line(table_of: TableOf, row: str | bytes, reason: str) -> None:
    row = row.encode() if isinstance(row, str) else row
    table = table_of("id,name\n1,a\n", b"id,name\n1,a\n" + row + b"\n3,c\n")
    with pytest.raises(InvalidInputError, match=rf"^Line 3 of '.*/8\.csv' {reason}.*\.$"):
        read(table, as_text=True)


def test_mixed_line_endings_are_an_error_and_not_a_loss(table_of: TableOf) -> None:
    with pytest.raises(InvalidInputError, match=r"9\.csv' mixes line endings"):
        read(table_of("id,name\n1,a\r\n2,b\n"), as_text=True)


def test_a_value_that_is_not_of_its_type_is_an_error_only_when_types_are_asked_for(table_of: TableOf) -> None:
    table = table_of("id,name\n1,a\nx,b\n")
    assert read(table, as_text=True) == [("1", "a"), ("x", "b")]
    with pytest.raises(InvalidInputError, match=r"^Could not convert string 'x' to INT64\..* crawl it again\.$"):
        read(table, as_text=False)


def test_json_keys_keep_their_case_and_nested_values_become_text(table_of: TableOf) -> None:
    table = table_of(
        '{"ID": 1, "tags": ["x", {"y": 2}]}\n{"tags": null, "other": 5, "ID": ""}\n',
        classification="json",
        columns=(Column("id", "bigint", "ID"), Column("tags", "array<string>", "tags")),
    )
    assert read(table, as_text=True) == [("1", '["x",{"y":2}]'), (None, None)]
    assert read(table, as_text=False) == [(1, ["x", '{"y":2}']), (None, None)]


def test_nested_json_has_its_types(table_of: TableOf) -> None:
    table = table_of(
        '{"id": 1, "name": {"first": "Ann", "years": [1990, 1991]}}\n',
        classification="json",
        columns=columns(id="bigint", name="struct<first:string,years:array<bigint>>"),
    )
    assert read(table, as_text=False) == [(1, {"first": "Ann", "years": [1990, 1991]})]


@pytest.mark.parametrize(
    ("broken", "place"),
    [('{"id": 2 "name": "b"}', "Line 2"), ('{"id": 2, "id": 2}', "Line 2")],
    ids=["no comma", "a key twice"],
)
def test_json_that_is_broken_is_named_by_file_and_line(table_of: TableOf, broken: str, place: str) -> None:
    table = table_of(f'{{"id": 1, "name": "a"}}\n{broken}\n{{"id": 3}}\n', classification="json")
    with pytest.raises(InvalidInputError, match=rf"^{place} of '.*9\.json' is not valid JSON: .*\.$"):
        read(table, as_text=True)


def test_parquet_columns_are_found_by_name_and_keep_their_types(table_of: TableOf, tmp_path: Path) -> None:
    kinds = (*columns(id="int", price="decimal(10,2)", days="array<date>"), Column("name", "string", "Name"))
    table = table_of("", "", classification="parquet", columns=kinds)
    values = "1 AS id, 1.50::DECIMAL(10,2) AS price, [DATE '2024-01-31'] AS days, 'Ann' AS \"Name\""
    turned = "'' AS \"Name\", [DATE '2024-01-31'] AS days, 2.00::DECIMAL(10,2) AS price, 2 AS id"
    for select, file in zip((values, turned), table.files, strict=True):
        duckdb.execute(f"COPY (SELECT {select}) TO {literal(file)} (FORMAT parquet)")
    day = date(2024, 1, 31)
    assert read(table, as_text=False) == [(1, Decimal("1.50"), [day], "Ann"), (2, Decimal("2.00"), [day], "")]
    assert read(table, as_text=True) == [("1", "1.50", "[2024-01-31]", "Ann"), ("2", "2.00", "[2024-01-31]", None)]


@in_duckdb
def test_a_parquet_file_that_is_none_is_named(catalog: Catalog, table_of: TableOf) -> None:
    with pytest.raises(InvalidInputError, match=r"^'.*9\.parquet' is not a Parquet file"):
        register_table(catalog, table_of("nonsense", classification="parquet"))


def test_a_table_without_files_says_so(table_of: TableOf) -> None:
    with pytest.raises(InvalidInputError, match=r"Table 'default\.things' has no files under"):
        records_query(table_of(), as_text=True)


def test_a_classification_nobody_reads_is_named(table_of: TableOf) -> None:
    with pytest.raises(InvalidInputError, match="classified as 'xml'; csv, json, parquet, orc and avro can be read"):
        records_query(table_of("", classification="xml"), as_text=True)


def test_file_names_are_never_patterns(table_of: TableOf, tmp_path: Path) -> None:
    table = table_of()
    (tmp_path / "a1.csv").write_text("id,name\n1,another\n")
    (tmp_path / "a[1]*'?.csv").write_text("id,name\n1,meant\n")
    assert read(replace(table, files=(str(tmp_path / "a[1]*'?.csv"),)), as_text=True) == [("1", "meant")]


def test_hostile_names_stay_names(catalog: Catalog, table_of: TableOf) -> None:
    named = (Column(HOSTILE, "bigint", HOSTILE), Column("select", "string", "select"))
    register_table(catalog, table_of("x,y\n1,a\n", name=HOSTILE, database_name=HOSTILE, columns=named))
    register_table(catalog, table_of('{"select": "b"}\n', classification="json", name="json", columns=named))
    name = HOSTILE.lower().replace('"', '""')
    assert run_query(catalog, f'SELECT * FROM "{name}"."{name}"') == ([HOSTILE, "select"], [(1, "a")])
    assert get_table(catalog, f"{HOSTILE}.{HOSTILE}").columns == named
    assert run_query(catalog, "SELECT * FROM json")[1] == [(None, "b")]


@in_duckdb
def test_every_table_is_a_view_with_its_types_in_any_duckdb_client(catalog: Catalog, table_of: TableOf) -> None:
    register_table(catalog, table_of("id,name\n1,a\n", database_name="sales"))
    with closing(duckdb.connect(str(catalog.path), read_only=True)) as connection:
        assert connection.execute("SELECT id + 1, name FROM sales.things").fetchall() == [(2, "a")]


def test_a_table_that_changed_has_a_view_that_changed(catalog: Catalog, table_of: TableOf) -> None:
    register_table(catalog, table_of("id,name\n1,a\n"))
    register_table(catalog, table_of("id,town\n2,b\n", columns=columns(id="string", town="string")))
    assert run_query(catalog, "FROM things") == (["id", "town"], [("2", "b")])


@pytest.mark.parametrize(
    "sql",
    ["SELECT name FROM default.things", 'SELECT name FROM "default".things', "FROM things SELECT name"],
    ids=["bare", "quoted", "without a database"],
)
def test_the_database_default_needs_no_quotes(catalog: Catalog, table_of: TableOf, sql: str) -> None:
    register_table(catalog, table_of("id,name\n1,a\n"))
    assert run_query(catalog, sql) == (["name"], [("a",)])


def test_words_inside_texts_and_comments_are_left_alone(catalog: Catalog) -> None:
    assert run_query(catalog, "SELECT 'é default.x' AS t -- default.y") == (["t"], [("é default.x",)])


@pytest.mark.parametrize(
    ("sql", "problem"),
    [
        ("SELEC 1", 'syntax error at or near "SELEC"'),
        ("SELECT * FROM nowhere", "Table with name nowhere does not exist!"),
        ("SELECT nome FROM things", 'Referenced column "nome" not found in FROM clause! Candidate bindings: "name"'),
        ("SELECT 1; SELECT 2", "Only one SELECT can be asked"),
        ("", "Only one SELECT can be asked"),
        ("DROP VIEW things", "Only one SELECT can be asked"),
        ("COPY (SELECT 1) TO 'x.csv'", "Only one SELECT can be asked"),
        ("EXPLAIN ANALYZE COPY (SELECT 1) TO 'x.csv'", "Only one SELECT can be asked"),
        ("ATTACH 'x.duckdb'", "Only one SELECT can be asked"),
    ],
)
def test_a_query_that_cannot_be_asked_gets_one_line(
    catalog: Catalog, table_of: TableOf, sql: str, problem: str
) -> None:
    register_table(catalog, table_of("id,name\n1,a\n"))
    with pytest.raises(InvalidInputError) as caught:
        run_query(catalog, sql)
    assert str(caught.value).startswith(problem)
    assert "\n" not in str(caught.value)


def test_a_query_keeps_no_hold_of_the_catalog_and_sees_what_it_knows(catalog: Catalog, table_of: TableOf) -> None:
    register_table(catalog, table_of("id,name\n1,a\n"))
    assert run_query(catalog, "SELECT name FROM findmatches.tables")[1] == [("things",)]
    assert run_query(catalog, "SELECT count(*) FROM findmatches.labels")[1] == [(0,)]


def test_a_query_in_a_workspace_without_a_catalog_makes_none(catalog: Catalog) -> None:
    assert run_query(catalog, "SELECT count(*) FROM findmatches.tables")[1] == [(0,)]
    assert not catalog.path.exists()


def test_a_file_that_vanished_is_named(catalog: Catalog, table_of: TableOf) -> None:
    table = register_table(catalog, table_of("id,name\n1,a\n"))
    Path(table.files[0]).unlink()
    with pytest.raises(InvalidInputError, match=r"^No file at '.*9\.csv'\. Put it back, or crawl again"):
        run_query(catalog, "FROM things")


def test_tables_of_a_remote_store_are_reached(catalog: Catalog, table_of: TableOf) -> None:
    store = fsspec.filesystem("memory")
    store.pipe("/views/a[1].csv", b"id,name\n1,far\n")
    register_table(catalog, replace(table_of(), files=("memory://views/a[1].csv",)))
    assert run_query(catalog, "FROM things")[1] == [(1, "far")]
    store.rm("/views", recursive=True)


@pytest.mark.parametrize(
    ("hive", "duck"),
    [
        ("string", "VARCHAR"),
        ("char(3)", "VARCHAR"),
        ("decimal(10,2)", "DECIMAL(10,2)"),
        ("decimal", "DECIMAL(10, 0)"),
        ("INT", "INTEGER"),
        ("array<array<double>>", "DOUBLE[][]"),
        ("map<string,array<int>>", "MAP(VARCHAR, INTEGER[])"),
        ("struct<a b:decimal(4,1),c:struct<d:date>>", 'STRUCT("a b" DECIMAL(4,1), "c" STRUCT("d" DATE))'),
    ],
)
def test_catalogued_types_have_a_type_in_duckdb(hive: str, duck: str) -> None:
    assert duck_type(hive) == duck
    duckdb.execute(f"SELECT CAST(NULL AS {duck})")
