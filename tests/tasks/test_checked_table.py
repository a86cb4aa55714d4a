"""Tables of which a crawl read the beginnings: nothing is lost when the rest says otherwise."""

from pathlib import Path

import pytest

from catalog.database import Catalog
from catalog.tables import get_table
from catalog.views import run_query
from errors import InvalidInputError
from storage.workspace import Workspace
from tasks.checked_table import checked_table
from tasks.crawl import CrawlOptions, crawl_path
from tests.crawling.packing import PACK

MANY = "".join(f"{number},1,2024-01-31\n" for number in range(1200))
SAMPLED = CrawlOptions(whole=False)


def crawled(workspace: Workspace, path: Path):  # type: ignore[no-untyped-def]
    return crawl_path(workspace, str(path), SAMPLED).tables[0]


def types(table) -> list[str]:  # type: ignore[no-untyped-def]
    return [column.type for column in table.columns]


@pytest.fixture
def late(tmp_path: Path) -> Path:
    """A file whose types change after the first thousand records."""
    path = tmp_path / "late.csv"
    path.write_text(f"id,n,day\n{MANY}x,2.5,soon\n")
    return path


def test_all_records_are_read_before_a_step_relies_on_them(
    workspace: Workspace, catalog: Catalog, late: Path, caplog: pytest.LogCaptureFixture
) -> None:
    table = crawled(workspace, late)
    assert (types(table), table.parameters["findmatches.sampled"]) == (["bigint", "bigint", "date"], "true")
    checked = checked_table(workspace, table)
    assert types(checked) == ["string", "double", "string"]
    assert checked.parameters["recordCount"] == "1201"
    assert "findmatches.sampled" not in checked.parameters
    assert checked == get_table(catalog, "late_csv")
    assert "Column 'n' of default.late_csv is double, not bigint as its first records said." in caplog.text
    assert run_query(catalog, "SELECT id, n, day FROM late_csv WHERE n > 2")[1] == [("x", 2.5, "soon")]
    assert checked_table(workspace, checked) is checked


def test_what_was_learned_survives_the_next_crawl(workspace: Workspace, late: Path) -> None:
    checked = checked_table(workspace, crawled(workspace, late))
    assert crawled(workspace, late) == checked
    late.write_text(f"id,n,day\n{MANY}x,2.5,later\n")
    again = crawled(workspace, late)
    assert "findmatches.sampled" in again.parameters
    assert types(again) == types(checked)


@pytest.mark.parametrize("compression", sorted(PACK))
def test_packed_files_are_checked_too(compression: str, workspace: Workspace, late: Path) -> None:
    late.write_bytes(PACK[compression](late.read_bytes()))
    assert types(checked_table(workspace, crawled(workspace, late))) == ["string", "double", "string"]


def test_every_layout_is_checked(workspace: Workspace, catalog: Catalog, tmp_path: Path) -> None:
    folder = tmp_path / "lake"
    (folder / "k=1").mkdir(parents=True)
    (folder / "k=2").mkdir()
    (folder / "k=1" / "a.csv").write_text(f"id,n,day\n{MANY}x,1,\n")
    (folder / "k=2" / "c.csv").write_text("n,id,day\n" + "1,2,2024-01-31\n" * 1200 + "2.5,1,\n")
    checked = checked_table(workspace, crawled(workspace, folder))
    assert types(checked) == ["string", "double", "date"]
    assert len(checked.layouts) == 2
    assert checked.column_names == ("id", "n", "day", "k")
    assert run_query(catalog, "SELECT id, k FROM lake WHERE n = 2.5")[1] == [("1", "2")]


def test_keys_that_come_late_become_columns(workspace: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text('{"id": 1}\n' * 1100 + '{"id": "a", "more": true}\n')
    table = crawled(workspace, path)
    assert table.column_names == ("id",)
    checked = checked_table(workspace, table)
    assert [(column.name, column.type) for column in checked.columns] == [("id", "string"), ("more", "boolean")]


@pytest.mark.parametrize(
    ("end", "message"),
    [
        ("1,2\n", "Line 1202 of '.*late.csv' has 2 values where 3 are expected"),
        ('1,"2\n3,4,5\n', "Record 1201 of '.*late.csv' cannot be read|Line 1202"),
    ],
    ids=["ragged", "open quote"],
)
def test_a_file_that_breaks_its_promise_is_an_error(
    end: str, message: str, workspace: Workspace, catalog: Catalog, tmp_path: Path
) -> None:
    path = tmp_path / "late.csv"
    path.write_text(f"id,n,day\n{MANY}{end}")
    table = crawled(workspace, path)
    with pytest.raises(InvalidInputError, match=message):
        checked_table(workspace, table)
    assert get_table(catalog, "late_csv") == table


def test_a_query_that_meets_another_value_says_what_to_do(workspace: Workspace, catalog: Catalog, late: Path) -> None:
    crawled(workspace, late)
    with pytest.raises(InvalidInputError, match="'x'"):
        run_query(catalog, "SELECT max(id) FROM late_csv")


def test_a_file_that_is_gone_is_named(workspace: Workspace, late: Path) -> None:
    table = crawled(workspace, late)
    late.unlink()
    with pytest.raises(InvalidInputError, match=r"No file at '.*late\.csv'"):
        checked_table(workspace, table)
