from pathlib import Path

import pytest

from catalog.crawl_history import list_crawls
from catalog.database import Catalog
from catalog.tables import get_table, list_tables
from catalog.views import run_query
from errors import InvalidInputError
from storage.workspace import Workspace
from tasks.crawl import crawl


@pytest.fixture
def people(tmp_path: Path) -> str:
    path = tmp_path / "people.csv"
    path.write_text('Id,"Full Name",born\n1,"Lovelace, Ada",1815-12-10\n2,Grace,\n')
    return str(path)


def test_a_crawled_file_is_a_table_of_the_catalog(workspace: Workspace, catalog: Catalog, people: str) -> None:
    table = crawl(workspace, people)
    assert table == get_table(catalog, "default.people_csv")
    assert table.column_names == ("id", "full name", "born")
    assert [column.source_name for column in table.columns] == ["Id", "Full Name", "born"]
    assert (table.location, table.files, table.version_id) == (people, (people,), 0)


def test_the_view_reads_what_was_crawled(workspace: Workspace, catalog: Catalog, people: str) -> None:
    crawl(workspace, people, database="People", table="Persons")
    _, rows = run_query(catalog, 'SELECT id + 1, "full name", year(born) FROM people.persons')
    assert rows == [(2, "Lovelace, Ada", 1815), (3, "Grace", None)]


@pytest.mark.parametrize(
    ("name", "content", "values"),
    [
        ("x.csv", "'a'|'b'\n'1'|'x|y'\n", (1, "x|y")),
        ("x.csv", 'a\tb\n1\t"Foo" Bar\n', (1, '"Foo" Bar')),
        ("x.csv", "\n\na,b\n1,2024-01-31 \n", (1, "2024-01-31 ")),
        ("x.csv", "a,b\n+1 , -2.5\n", (1, -2.5)),
        ("x.csv", "a,b\n1,TRUE\n", (1, True)),
        ("x.json", '[{"A": 1, "b": {"C": [2]}}]', (1, {"C": [2]})),
        ("x.json", '{"a": 18446744073709551615, "b": "2024"}', (18446744073709551615, "2024")),
    ],
)
def test_every_kind_of_file_is_read_with_its_types(
    workspace: Workspace, catalog: Catalog, tmp_path: Path, name: str, content: str, values: tuple[object, ...]
) -> None:
    (tmp_path / name).write_text(content)
    crawl(workspace, str(tmp_path / name), table="x")
    assert run_query(catalog, "SELECT a, b FROM default.x") == (["a", "b"], [values])


def test_a_crawl_is_recorded_each_time(workspace: Workspace, catalog: Catalog, people: str) -> None:
    crawl(workspace, people)
    crawl(workspace, people)
    told = [(each.location, each.state, each.summary["TABLE"]["ADD"]) for each in list_crawls(catalog)]
    assert told == [(people, "COMPLETED", 0), (people, "COMPLETED", 1)]


def test_the_header_option_reaches_the_file(workspace: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "names.csv"
    path.write_text("first,last\nAda,Lovelace\n")
    assert crawl(workspace, str(path), header=True).column_names == ("first", "last")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"path": "/nowhere/x.csv"}, "^No file at '/nowhere/x.csv'"),
        ({"database": "my data"}, "^'my data' cannot name a database"),
        ({"table": "a.b"}, "^'a.b' cannot name a table"),
    ],
    ids=["no file", "database name", "table name"],
)
def test_a_refused_crawl_leaves_no_trace(
    workspace: Workspace, catalog: Catalog, people: str, changes: dict[str, str], message: str
) -> None:
    with pytest.raises(InvalidInputError, match=message):
        crawl(workspace, **({"path": people} | changes))
    assert not workspace.home.exists()
    assert list_tables(catalog) == []
