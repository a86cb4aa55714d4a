"""Crawls of folders: several tables, partitions, files that differ, files that cannot be read."""

import gzip
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from catalog.database import Catalog
from catalog.partitions import list_partitions
from catalog.tables import get_table, list_tables, list_versions
from catalog.views import run_query
from errors import InvalidInputError
from storage.workspace import Workspace
from tasks.crawl import CrawlOptions, crawl, crawl_path
from tasks.crawl_catalog import CrawlSummary, Wanted, crawl_sources
from tasks.crawl_policy import Policies
from tasks.crawl_sources import CrawlTarget, FileSource
from tests.crawling.packing import PACK

Put = Callable[[str, "str | bytes"], Path]


@pytest.fixture
def folder(tmp_path: Path) -> str:
    """The folder to crawl."""
    (tmp_path / "lake").mkdir()
    return str(tmp_path / "lake")


@pytest.fixture
def put(folder: str) -> Put:
    """Put a file into the folder."""

    def put_file(name: str, content: str | bytes) -> Path:
        path = Path(folder, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return put_file


def rows(catalog: Catalog, sql: str) -> list[tuple[object, ...]]:
    return run_query(catalog, sql)[1]


def test_a_folder_with_different_files_is_several_tables(
    workspace: Workspace, catalog: Catalog, folder: str, put: Put
) -> None:
    put("people/a.csv", "id,name\n1,Ada\n")
    put("people/b.csv", "id,name\n2,Bob\n")
    put("orders.json", '{"order": 1, "total": 2.5}')
    found = crawl_path(workspace, folder)
    assert [(table.name, table.classification) for table in found.tables] == [
        ("orders_json", "json"),
        ("people", "csv"),
    ]
    assert rows(catalog, "SELECT sum(id) FROM people") == [(3,)]
    assert rows(catalog, "SELECT total FROM orders_json") == [(2.5,)]
    assert (found.state, found.objects, found.read, found.table_changes.added) == ("COMPLETED", 3, 3, 2)


def test_one_table_is_asked_for_and_several_are_there(workspace: Workspace, folder: str, put: Put) -> None:
    put("a.csv", "id,name\n1,Ada\n")
    put("b.csv", "x,y,z\n1,2,3\n")
    with pytest.raises(InvalidInputError, match=r"holds 2 tables, not one, whose files differ .*a\.csv', '.*b\.csv'"):
        crawl(workspace, folder)
    with pytest.raises(InvalidInputError, match="holds 2 tables"):
        crawl_path(workspace, folder, CrawlOptions(table="people"))
    assert list_tables(Catalog.of(workspace)) == []


def test_folders_are_partition_columns(workspace: Workspace, catalog: Catalog, folder: str, put: Put) -> None:
    put("year=2017/town=S%C3%A3o/a.csv", "id,name\n1,Ada\n")
    put("year=2018/town=__HIVE_DEFAULT_PARTITION__/b.csv", "id,name\n2,Bob\n3,Eve\n")
    table = crawl(workspace, folder)
    assert table.column_names == ("id", "name", "year", "town")
    found = rows(catalog, "SELECT id, year, town FROM lake ORDER BY id")
    assert found == [(1, "2017", "São"), (2, "2018", None), (3, "2018", None)]
    partitions = list_partitions(catalog, table)
    assert [(partition.values, partition.parameters["recordCount"]) for partition in partitions] == [
        (("2017", "São"), "1"),
        (("2018", None), "2"),
    ]


@pytest.mark.parametrize("compression", sorted(PACK))
def test_copied_files_have_their_own_partition_values(
    compression: str, workspace: Workspace, catalog: Catalog, folder: str, put: Put
) -> None:
    put("a/x", PACK[compression](b"id,name\n1,Ada\n"))
    put("b/x", PACK[compression](b"id,name\n2,Bob\n"))
    crawl(workspace, folder)
    assert rows(catalog, "SELECT id, partition_0 FROM lake ORDER BY id") == [(1, "a"), (2, "b")]


def test_json_and_parquet_have_partitions_too(workspace: Workspace, catalog: Catalog, folder: str, put: Put) -> None:
    put("json/k=1/a.json", '{"file": 1, "File_": 2}')
    put("parquet/k=2/a.parquet", b"")
    pq.write_table(pa.table({"file": [3]}), Path(folder, "parquet/k=2/a.parquet"))
    crawl_path(workspace, folder)
    assert rows(catalog, "SELECT * FROM json") == [(1, 2, "1")]
    assert rows(catalog, "SELECT * FROM parquet") == [(3, "2")]


def test_files_with_other_columns_and_types_make_the_widest_table(
    workspace: Workspace, catalog: Catalog, folder: str, put: Put, caplog: pytest.LogCaptureFixture
) -> None:
    put("a.csv", "id,name,price,day\n1,Ada,1,2024-01-31\n")
    put("b.csv", "id,name,price,day\n2,Bob,2.5,2024-01-31\n")
    put("c.csv", "name,id,price,day,more\nEve,3,4,2024-01-31,x\n")
    put("d.csv", "id,name,price,day\n4,Dan,5,soon\n")
    found = crawl_path(workspace, folder)
    (table,) = found.tables
    assert [(column.name, column.type) for column in table.columns] == [
        ("id", "bigint"),
        ("name", "string"),
        ("price", "double"),
        ("day", "string"),
        ("more", "string"),
    ]
    assert rows(catalog, "SELECT * FROM lake ORDER BY id") == [
        (1, "Ada", 1.0, "2024-01-31", None),
        (2, "Bob", 2.5, "2024-01-31", None),
        (3, "Eve", 4.0, "2024-01-31", "x"),
        (4, "Dan", 5.0, "soon", None),
    ]
    told = {(Path(note.path).name, note.message) for note in found.notes}
    assert told == {
        ("b.csv", "column 'price' is double here, bigint in most files; the table has double."),
        ("d.csv", "column 'day' is string here, date in most files; the table has string."),
    }
    assert "column 'day' is string here" in caplog.text


def test_json_keys_of_all_files_are_columns(workspace: Workspace, catalog: Catalog, folder: str, put: Put) -> None:
    keys = ", ".join(f'"k{i}": {i}' for i in range(8))
    put("a.json", f'{{"A": 1, {keys}}}')
    put("b.json", f'{{"a": "x", "new": [1], {keys}}}')
    table = crawl(workspace, folder)
    assert [(column.name, column.type) for column in table.columns if column.name in ("a", "new")] == [
        ("a", "string"),
        ("new", "array<bigint>"),
    ]
    assert rows(catalog, "SELECT a, new FROM lake") == [("1", None), ("x", [1])]


def test_parquet_files_with_other_types_are_read_in_the_widest(
    workspace: Workspace, catalog: Catalog, folder: str
) -> None:
    pq.write_table(pa.table({"id": pa.array([1], pa.int32()), "x": ["a"]}), Path(folder, "a.parquet"))
    pq.write_table(pa.table({"x": ["b"], "id": pa.array([2.5])}), Path(folder, "b.parquet"))
    pq.write_table(pa.table({"X": ["c"], "Id": pa.array([3], pa.int64())}), Path(folder, "c.parquet"))
    table = crawl(workspace, folder)
    assert [(column.name, column.type) for column in table.columns] == [("id", "double"), ("x", "string")]
    assert rows(catalog, "SELECT id, x FROM lake ORDER BY id") == [(1.0, "a"), (2.5, "b"), (3.0, "c")]


def test_quoted_csv_and_plain_csv_are_one_table(workspace: Workspace, catalog: Catalog, folder: str, put: Put) -> None:
    put("a.csv", "id,name\n1,Ada\n")
    put("b.csv", '"id","name"\n"2","Lovelace, Ada"\n')
    crawl(workspace, folder)
    assert rows(catalog, "SELECT name FROM lake ORDER BY id") == [("Ada",), ("Lovelace, Ada",)]


BAD = {
    "truncated gzip": ("bad.csv.gz", gzip.compress(b"id,name\n" + b"7,Ada\n" * 9999)[:-30]),
    "nul bytes": ("bad.csv", b"id,name\n1,\0\n"),
    "wrong encoding": ("bad.csv", "id,name\n1,Müller\n".encode("latin-1")),
    "ragged rows": ("bad.csv", b"id,name\n1,2,3\n2\n"),
    "duplicate columns": ("bad.csv", b"id,ID\n1,2\n"),
    "corrupt footer": ("bad.parquet", b"PAR1" + b"x" * 50 + b"PAR1"),
    "broken json": ("bad.json", b'{"id": 1, "name": }'),
    "long line": ("bad.csv", b"id,name\n1," + b"x" * 3_000_000 + b"\n"),
    "open quote": ("bad.csv", b'id,name\n1,"x"\n2,"Ada\n3,Bob\n'),
    "picture": ("bad.csv", b"\x89PNG\r\n\x1a\n" + bytes(range(256))),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_does_not_keep_the_others_out(
    name: str, workspace: Workspace, catalog: Catalog, folder: str, put: Put, caplog: pytest.LogCaptureFixture
) -> None:
    put("a.csv", "id,name\n1,Ada\n")
    put("b.csv", "id,name\n2,Bob\n")
    bad = put(*BAD[name])
    found = crawl_path(workspace, folder)
    assert (found.state, [problem.path for problem in found.problems]) == ("PARTIAL", [str(bad)])
    assert str(bad) in found.problems[0].message
    assert "\n" not in found.problems[0].message
    assert found.problems[0].message in caplog.text
    assert rows(catalog, "SELECT id FROM lake ORDER BY id") == [(1,), (2,)]


def test_a_file_that_became_unreadable_keeps_its_place(
    workspace: Workspace, folder: str, put: Put, caplog: pytest.LogCaptureFixture
) -> None:
    put("a.csv", "id,name\n1,Ada\n")
    path = put("b.csv", "id,name\n2,Bob\n")
    crawl_path(workspace, folder, CrawlOptions(whole=False))
    path.write_bytes(b"\0\1\2" * 50)
    found = crawl_path(workspace, folder, CrawlOptions(whole=False))
    assert found.state == "PARTIAL"
    assert found.problems[0].kept
    assert "What was known of it stays." in caplog.text
    assert len(found.tables[0].files) == 2
    path.write_text("id,name\n2,Bob\n")
    assert crawl_path(workspace, folder, CrawlOptions(whole=False)).state == "COMPLETED"


def test_when_nothing_can_be_read_the_first_reason_is_told(workspace: Workspace, folder: str, put: Put) -> None:
    put("a.csv", "id,ID\n1,2\n")
    put("b.csv", b"\0" * 100)
    with pytest.raises(InvalidInputError, match=r"Columns 1 \('id'\) and 2 \('ID'\) of '.*a\.csv'"):
        crawl_path(workspace, folder)
    assert list_tables(Catalog.of(workspace)) == []


def test_excluded_files_are_not_read(workspace: Workspace, catalog: Catalog, folder: str, put: Put) -> None:
    put("a.csv", "id,name\n1,Ada\n")
    put("old/b.csv", "id,name\n2,Bob\n")
    put("_tmp/c.csv", "id,name\n3,Eve\n")
    put(".d.csv", "id,name\n4,Dan\n")
    found = crawl_path(workspace, folder, CrawlOptions(exclusions=("old/**",)))
    assert found.tables[0].parameters["exclusions"] == '["old/**"]'
    assert rows(catalog, "SELECT id FROM lake") == [(1,)]
    with pytest.raises(InvalidInputError, match="has no file left that is not excluded"):
        crawl_path(workspace, folder, CrawlOptions(exclusions=("**",)))


def test_a_sample_of_each_folder_stands_for_all(workspace: Workspace, catalog: Catalog, folder: str, put: Put) -> None:
    for number in range(10):
        put(f"a/{number}.csv", f"id,name\n{number},Ada\n")
        put(f"b/{number}.csv", f"id,name\n{number + 10},Ada\n")
    found = crawl_path(workspace, folder, CrawlOptions(sample_size=2))
    assert (found.read, len(found.tables[0].files)) == (4, 20)
    assert rows(catalog, "SELECT count(*), sum(id) FROM lake") == [(20, sum(range(20)))]


def test_the_table_threshold_lets_nothing_be_written(workspace: Workspace, folder: str, put: Put) -> None:
    put("a.csv", "id,name\n1,Ada\n")
    put("b.csv", "x,y,z\n1,2,3\n")
    with pytest.raises(InvalidInputError, match="found 2 tables, more than the table threshold of 1; nothing was"):
        crawl_path(workspace, folder, CrawlOptions(table_threshold=1))
    assert list_tables(Catalog.of(workspace)) == []


def test_names_get_the_prefix_and_a_suffix_where_they_clash(workspace: Workspace, folder: str, put: Put) -> None:
    for place in ("x", "y"):
        put(f"{place}/a.csv", "id,name\n1,Ada\n")
        put(f"{place}/b.csv", "order,total,day\n1,2,3\n")
    names = [table.name for table in crawl_path(workspace, folder, CrawlOptions(prefix="raw_")).tables]
    assert names[:2] == ["raw_a_csv", "raw_b_csv"]
    assert names[2].startswith("raw_a_csv_")
    assert len(names[2]) == len("raw_a_csv_") + 32


def test_unchanged_files_are_not_read_again(workspace: Workspace, folder: str, put: Put) -> None:
    put("a.csv", "id,name\n1,Ada\n")
    put("b.csv", "id,name\n2,Bob\n")
    first = crawl_path(workspace, folder, CrawlOptions(whole=False))
    again = crawl_path(workspace, folder, CrawlOptions(whole=False))
    assert (first.read, again.read) == (2, 0)
    assert again.tables == first.tables
    put("c.csv", "id,name\n3,Eve\n")
    put("a.csv", "id,name\nx,Ada\n")
    third = crawl_path(workspace, folder, CrawlOptions(whole=False))
    assert (third.read, third.tables[0].columns[0].type, third.tables[0].version_id) == (2, "string", 1)


def test_a_lost_memory_of_files_only_costs_time(workspace: Workspace, folder: str, put: Put) -> None:
    put("a.csv", "id,name\n1,Ada\n")
    first = crawl_path(workspace, folder)
    for file in workspace.crawled.iterdir():
        file.write_bytes(b"damaged")
    assert crawl_path(workspace, folder).tables == first.tables


def test_a_vanished_column_is_told_and_kept_in_the_old_version(
    workspace: Workspace, catalog: Catalog, folder: str, put: Put, caplog: pytest.LogCaptureFixture
) -> None:
    put("a.csv", "id,name,town\n1,Ada,Rome\n")
    crawl(workspace, folder)
    put("a.csv", "id,name\n1,Ada\n")
    with caplog.at_level(logging.WARNING):
        table = crawl(workspace, folder)
    assert "Column 'town' of default.lake is in none of its files any more" in caplog.text
    assert [each.column_names for each in list_versions(catalog, table)] == [("id", "name"), ("id", "name", "town")]


# A crawler's tables --------------------------------------------------------------------------------------------------


def crawler(workspace: Workspace, folder: str, **policies: object) -> CrawlSummary:
    chosen: dict[str, Any] = {"crawler": "nightly", "delete_behavior": "DEPRECATE_IN_DATABASE"} | policies
    return crawled_by(workspace, CrawlTarget(folder), Policies(**chosen))


def crawled_by(workspace: Workspace, target: CrawlTarget, policies: Policies) -> CrawlSummary:
    source = FileSource(workspace, target)
    return crawl_sources(Catalog.of(workspace), [source], Wanted(), policies, stop=lambda: None)


def test_a_table_whose_files_are_gone_is_deprecated(
    workspace: Workspace, catalog: Catalog, folder: str, put: Put
) -> None:
    put("a.csv", "id,name\n1,Ada\n")
    put("b.csv", "x,y,z\n1,2,3\n")
    crawler(workspace, folder)
    Path(folder, "b.csv").unlink()
    put("c.csv", "u,v,w,q\n1,2,3,4\n")
    found = crawler(workspace, folder)
    assert (found.table_changes.added, found.table_changes.updated, found.table_changes.deleted) == (1, 1, 0)
    marked = get_table(catalog, "b_csv").parameters["DEPRECATED_BY_CRAWLER"]
    assert rows(catalog, "SELECT name FROM a_csv") == [("Ada",)]
    assert len(marked) == 13
    assert crawler(workspace, folder).table_changes.updated == 0
    assert get_table(catalog, "b_csv").parameters["DEPRECATED_BY_CRAWLER"] == marked


def test_a_table_whose_files_are_gone_is_deleted(workspace: Workspace, catalog: Catalog, folder: str, put: Put) -> None:
    put("a.csv", "id,name\n1,Ada\n")
    put("b/k=1/f.csv", "x,y,z\n1,2,3\n")
    crawler(workspace, folder)
    crawl_path(workspace, folder, CrawlOptions(database="other"))
    Path(folder, "b/k=1/f.csv").unlink()
    put("c.csv", "u,v,w,q\n1,2,3,4\n")
    found = crawler(workspace, folder, delete_behavior="DELETE_FROM_DATABASE")
    assert (found.table_changes.deleted, found.partition_changes.deleted) == (1, 1)
    assert [table.name for table in list_tables(catalog, "default")] == ["a_csv", "c_csv"]
    assert len(list_tables(catalog, "other")) == 2


def test_an_unreadable_file_does_not_delete_its_table(
    workspace: Workspace, catalog: Catalog, folder: str, put: Put
) -> None:
    put("a.csv", "id,name\n1,Ada\n")
    put("b.csv", "x,y,z\n1,2,3\n")
    crawler(workspace, folder)
    put("b.csv", b"\0" * 99)
    workspace_files = list(workspace.crawled.iterdir())
    for file in workspace_files:
        file.unlink()
    crawler(workspace, folder, delete_behavior="DELETE_FROM_DATABASE")
    assert [table.name for table in list_tables(catalog)] == ["a_csv", "b_csv"]


def test_log_only_leaves_the_columns_and_adds_files(
    workspace: Workspace, catalog: Catalog, folder: str, put: Put, caplog: pytest.LogCaptureFixture
) -> None:
    put("k=1/a.csv", "id,name,town,zip\n1,Ada,Rome,x\n")
    crawler(workspace, folder)
    put("k=2/b.csv", "id,name,town,zip,more\n2,Bob,Rome,x,y\n")
    found = crawler(workspace, folder, update_behavior="LOG")
    assert found.tables[0].column_names == ("id", "name", "town", "zip", "k")
    assert found.partition_changes.added == 1
    assert "new columns: more. It stays as it is (LOG)." in caplog.text
    assert rows(catalog, "SELECT id, k FROM lake ORDER BY id") == [(1, "1"), (2, "2")]


def test_new_columns_are_merged_and_none_is_dropped(
    workspace: Workspace, catalog: Catalog, folder: str, put: Put
) -> None:
    put("a.csv", "id,name,town\n1,Ada,Rome\n")
    crawler(workspace, folder)
    put("a.csv", "id,name,more\nx,Ada,2\n")
    found = crawler(workspace, folder, merge_new_columns=True)
    assert [(column.name, column.type) for column in found.tables[0].columns] == [
        ("id", "bigint"),
        ("name", "string"),
        ("town", "string"),
        ("more", "bigint"),
    ]


def test_columns_cannot_be_merged_into_another_format(
    workspace: Workspace, folder: str, put: Put, caplog: pytest.LogCaptureFixture
) -> None:
    put("a.csv", "id,name\n1,Ada\n")
    crawler(workspace, folder)
    put("a.csv", "id|name\n1|Ada\n")
    found = crawler(workspace, folder, merge_new_columns=True)
    assert "DEPRECATED_BY_CRAWLER" in found.tables[0].parameters
    assert (
        "the parameter 'delimiter' has changed. The existing value is ',', and the crawled value is '|'." in caplog.text
    )


def test_partitions_inherit_the_columns_of_their_table(
    workspace: Workspace, catalog: Catalog, folder: str, put: Put
) -> None:
    put("k=1/a.csv", "id,name,town,zip\n1,Ada,Rome,x\n")
    put("k=2/b.csv", "id,name,town,zip,more\n2,Bob,Rome,x,y\n")
    table = crawler(workspace, folder).tables[0]
    own = [[column.name for column in each.columns] for each in list_partitions(catalog, table)]
    assert own == [["id", "name", "town", "zip"], []]
    found = crawler(workspace, folder, inherit_from_table=True)
    assert [each.columns for each in list_partitions(catalog, table)] == [(), ()]
    assert found.partition_changes.updated == 1


def test_a_crawler_takes_no_table_of_another_place(
    workspace: Workspace, catalog: Catalog, folder: str, put: Put, tmp_path: Path
) -> None:
    (tmp_path / "a.csv").write_text("x,y\n1,2\n")
    crawl(workspace, str(tmp_path / "a.csv"))
    put("a.csv", "id,name\n1,Ada\n")
    put("b.csv", "x,y,z\n1,2,3\n")
    names = [table.name for table in crawler(workspace, folder).tables]
    assert names[0].startswith("a_csv_")
    assert get_table(catalog, "a_csv").column_names == ("x", "y")
    assert [table.name for table in crawler(workspace, folder).tables] == names


def test_only_new_folders_are_looked_into(workspace: Workspace, catalog: Catalog, folder: str, put: Put) -> None:
    def run() -> CrawlSummary:
        target = CrawlTarget(folder, new_folders_only=True, whole=False)
        return crawled_by(workspace, target, Policies("LOG", "LOG", crawler="n"))

    put("k=1/a.csv", "id,name\n1,Ada\n")
    assert run().read == 1
    put("k=1/b.csv", "id,name\n2,Bob\n")
    put("k=2/c.csv", "id,name\n3,Eve\n")
    found = run()
    assert (found.read, found.partition_changes.added) == (1, 1)
    assert rows(catalog, "SELECT id FROM lake ORDER BY id") == [(1,), (3,)]


def test_a_long_crawl_tells_how_far_it_is(workspace: Workspace, folder: str, caplog: pytest.LogCaptureFixture) -> None:
    for number in range(2500):
        Path(folder, f"{number}.csv").write_text(f"id,name\n{number},Ada\n")
    with caplog.at_level(logging.DEBUG, logger="findmatches.progress"):
        crawl_path(workspace, folder, CrawlOptions(whole=False))
    told = [record.__dict__["done"] for record in caplog.records if record.__dict__.get("stage") == "crawl"]
    assert told == pytest.approx([0.0, 0.4, 0.8], abs=0.001)
