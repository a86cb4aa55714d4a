"""Tables of real databases in the catalog: their names, their parameters, and a transform on one of them."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from catalog.connections import create_connection
from catalog.crawl_history import list_crawls
from catalog.crawler import Crawler, JdbcTarget
from catalog.crawlers import create_crawler
from catalog.database import Catalog
from catalog.tables import get_table, list_tables
from catalog.views import run_query
from errors import EntityNotFoundError, InvalidInputError
from storage.workspace import Workspace
from tasks.crawl_database import DatabaseCrawlOptions, crawl_database
from tasks.crawl_policy import DEPRECATED_BY
from tasks.run_crawler import run_crawler
from tests.servers.database_server import DatabaseServer

every_server = pytest.mark.parametrize("server", ["postgresql_source", "mariadb"], indirect=True)
TABLES = ("people", "odd name", "odd-name", "orders")


@pytest.fixture
def server(
    request: pytest.FixtureRequest, catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> Iterator[DatabaseServer]:
    """A server with four tables, and the connection `shop` to it."""
    found: DatabaseServer = request.getfixturevalue(request.param)
    names = [found.quoted(name) for name in TABLES]
    found.execute(*(f"DROP TABLE IF EXISTS {name}" for name in names))
    found.execute(*(f"CREATE TABLE {name} (id int PRIMARY KEY, Name varchar(20))" for name in names))
    monkeypatch.setenv("SHOP_PASSWORD", found.password)
    create_connection(catalog, "shop", found.url, password_env="SHOP_PASSWORD")
    yield found
    found.execute(*(f"DROP TABLE IF EXISTS {name}" for name in names))


@every_server
def test_tables_get_glues_names_and_parameters(server: DatabaseServer, workspace: Workspace, catalog: Catalog) -> None:
    summary = crawl_database(workspace, "shop", server.path)
    prefix = server.path[:-1].replace("/", "_")
    names = [table.name.removeprefix(prefix) for table in summary.tables]
    assert [names[0], *names[2:]] == ["odd_name", "orders", "people"]
    assert re.fullmatch("odd_name_[0-9a-f]{32}", names[1])
    assert (summary.state, summary.table_changes.added, summary.problems) == ("COMPLETED", 4, ())
    people = get_table(catalog, f"{prefix}people")
    assert (people.classification, people.location) == (server.kind, server.table("people").replace("/", "."))
    assert [(column.name, column.type) for column in people.columns] == [("id", "int"), ("name", "string")]
    expected = {"connectionName": "shop", "typeOfData": "table", "classification": server.kind}
    assert expected.items() <= people.parameters.items()


@every_server
def test_tables_whose_names_fold_to_one_are_told_apart_for_good(server: DatabaseServer, workspace: Workspace) -> None:
    (one,) = crawl_database(workspace, "shop", server.table("odd-name")).tables
    both = {table.location: table.name for table in crawl_database(workspace, "shop", server.table("odd%")).tables}
    assert both[one.location] == one.name
    assert len(set(both.values())) == 2
    assert crawl_database(workspace, "shop", server.path).table_changes.added == 2


@every_server
def test_what_is_excluded_is_not_catalogued(server: DatabaseServer, workspace: Workspace) -> None:
    summary = crawl_database(workspace, "shop", server.path, DatabaseCrawlOptions(exclusions=("odd*", "or?ers")))
    assert [table.location.rpartition(".")[2] for table in summary.tables] == ["people"]


@every_server
def test_one_table_can_be_given_a_name(server: DatabaseServer, workspace: Workspace, catalog: Catalog) -> None:
    crawl_database(workspace, "shop", server.table("people"), DatabaseCrawlOptions("stock", "Persons"))
    assert get_table(catalog, "stock.persons").location.endswith("people")
    with pytest.raises(InvalidInputError, match="holds 4 tables, not one: '"):
        crawl_database(workspace, "shop", server.path, DatabaseCrawlOptions(table="persons"))


@every_server
def test_too_many_tables_write_nothing(server: DatabaseServer, workspace: Workspace, catalog: Catalog) -> None:
    with pytest.raises(InvalidInputError, match="found 4 tables, more than the table threshold of 3"):
        crawl_database(workspace, "shop", server.path, DatabaseCrawlOptions(table_threshold=3))
    assert list_tables(catalog) == []


@every_server
def test_a_path_without_tables_is_an_error(server: DatabaseServer, workspace: Workspace) -> None:
    with pytest.raises(InvalidInputError, match="Did you mean 'people'"):
        crawl_database(workspace, "shop", server.table("peopel"))
    with pytest.raises(InvalidInputError, match="no table under"):
        crawl_database(workspace, "shop", server.path, DatabaseCrawlOptions(exclusions=("**",)))
    with pytest.raises(EntityNotFoundError, match="Did you mean 'shop'"):
        crawl_database(workspace, "shp", server.path)


@every_server
def test_a_table_that_cannot_be_held_keeps_no_other_out(server: DatabaseServer, workspace: Workspace) -> None:
    name, other = server.quoted("odd name"), server.quoted("a\nb")
    server.execute(f"DROP TABLE {name}", f"CREATE TABLE {name} (id int, {other} int)")
    summary = crawl_database(workspace, "shop", server.path)
    assert (summary.state, len(summary.tables)) == ("PARTIAL", 3)
    (problem,) = summary.problems
    assert problem.path.endswith("odd name")
    assert "A column name is one line" in problem.message
    with pytest.raises(InvalidInputError, match="A column name is one line"):
        crawl_database(workspace, "shop", server.table("odd name"))


@every_server
def test_a_changed_table_gets_another_version(server: DatabaseServer, workspace: Workspace) -> None:
    (first,) = crawl_database(workspace, "shop", server.table("people")).tables
    assert crawl_database(workspace, "shop", server.table("people")).table_changes.updated == 0
    server.execute("ALTER TABLE people ADD COLUMN city varchar(20)")
    (second,) = crawl_database(workspace, "shop", server.table("people")).tables
    assert (first.version_id, second.version_id) == (0, 1)
    assert second.column_names == ("id", "name", "city")


@every_server
def test_rows_are_those_of_the_moment_they_are_asked_for(
    server: DatabaseServer, workspace: Workspace, catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    (people,) = crawl_database(workspace, "shop", server.table("people")).tables
    server.execute("INSERT INTO people VALUES (2, 'Bob'), (1, 'Ann')")
    sql = f"SELECT id, name FROM {people.name}"
    assert run_query(catalog, sql)[1] == [(1, "Ann"), (2, "Bob")]
    server.execute("DELETE FROM people WHERE id = 1")
    assert run_query(catalog, sql)[1] == [(2, "Bob")]
    monkeypatch.setenv("SHOP_PASSWORD", "hunter2")
    with pytest.raises(InvalidInputError, match="the password is not right"):
        run_query(catalog, sql)


@every_server
def test_a_transform_works_on_a_table_of_a_database(
    server: DatabaseServer, workspace: Workspace, people_csv: Path, answer: Callable[[Path, Path], Path], tmp_path: Path
) -> None:
    import pyarrow.parquet as pq

    from catalog.transforms import FindMatchesParameters, create_transform
    from tasks.find_matches import find_matches
    from tasks.generate_labeling_set import generate_labeling_set
    from tasks.import_labels import import_labels
    from tasks.train import train

    lines = [line.split(",") for line in people_csv.read_text().splitlines()[1:]]
    server.execute(
        "DROP TABLE people",
        "CREATE TABLE people (id varchar(9) PRIMARY KEY, name text, city text, phone varchar(20))",
        "INSERT INTO people VALUES (%s, %s, %s, %s)",
        rows=lines,
    )
    (table,) = crawl_database(workspace, "shop", server.table("people")).tables
    parameters = FindMatchesParameters(primary_key_column_name="id")
    create_transform(Catalog.of(workspace), name="people", table=table.qualified_name, parameters=parameters)
    generate_labeling_set(workspace, "people", str(tmp_path / "to_label.csv"))
    import_labels(workspace, "people", str(answer(tmp_path / "to_label.csv", tmp_path / "labelled.csv")))
    train(workspace, "people")
    server.execute("INSERT INTO people VALUES ('q', 'somebody else', 'elsewhere', '1')")
    assert find_matches(workspace, "people", str(tmp_path / "matches.csv")).rows == len(lines) + 1
    summary = find_matches(workspace, "people", str(tmp_path / "matches.parquet"))
    assert (summary.rows, summary.matched_rows) == (len(lines) + 1, 60)
    matches = pq.read_table(tmp_path / "matches.parquet").to_pydict()
    assert matches["id"] == sorted([*(line[0] for line in lines), "q"])
    found = dict(zip(matches["id"], matches["match_id"], strict=True))
    assert all(found[f"p{number:02d}a"] == found[f"p{number:02d}b"] for number in range(1, 60, 2))


@every_server
def test_a_crawler_follows_the_tables_of_its_database(
    server: DatabaseServer, workspace: Workspace, catalog: Catalog
) -> None:
    target = JdbcTarget("shop", server.path, ("odd*",))
    create_crawler(catalog, Crawler("nightly", (target,), "raw", table_prefix="db_"))
    first = run_crawler(workspace, "nightly")
    assert [table.name.removeprefix("db_shop_").removeprefix("public_") for table in first.tables] == [
        "orders",
        "people",
    ]
    server.execute("DROP TABLE orders")
    second = run_crawler(workspace, "nightly")
    assert (len(second.tables), second.table_changes.updated) == (1, 1)
    states = {table.location.rpartition(".")[2]: DEPRECATED_BY in table.parameters for table in list_tables(catalog)}
    assert states == {"orders": True, "people": False}


@every_server
def test_a_crawler_whose_server_is_away_changes_nothing(
    server: DatabaseServer, workspace: Workspace, catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    create_crawler(catalog, Crawler("nightly", (JdbcTarget("shop", server.path),)))
    run_crawler(workspace, "nightly")
    before = list_tables(catalog)
    monkeypatch.setenv("SHOP_PASSWORD", "hunter2")
    with pytest.raises(InvalidInputError, match="the password is not right"):
        run_crawler(workspace, "nightly")
    assert list_tables(catalog) == before
    assert [crawl.state for crawl in list_crawls(catalog)] == ["FAILED", "COMPLETED"]
