"""Registering tables and finding them again."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from catalog.database import Catalog
from catalog.tables import (
    RESERVED_DATABASES,
    Column,
    Table,
    get_table,
    list_databases,
    list_tables,
    register_table,
)
from catalog.views import run_query
from errors import EntityNotFoundError, InvalidInputError
from tests.catalog.conftest import in_duckdb

ID, NAME = Column("id", "bigint", "ID"), Column("name", "string", "Name")


@pytest.fixture
def people(tmp_path: Path) -> Table:
    """A table over a file of one person, not yet registered."""
    file = tmp_path / "people.csv"
    file.write_text("ID,Name\n1,Ann\n")
    parameters = {"skip.header.line.count": "1", "delimiter": ",", "recordCount": "1"}
    return Table("default", "people_csv", str(file), "csv", (ID, NAME), parameters, (str(file),))


def rows(catalog: Catalog, sql: str) -> list[dict[str, Any]]:
    with catalog.reading() as session:
        return session.rows(sql)


def test_a_new_table_is_version_0_and_comes_back_as_it_was_given(catalog: Catalog, people: Table) -> None:
    registered = register_table(catalog, people)
    assert registered == get_table(catalog, "default.people_csv")
    assert replace(registered, create_time=None, update_time=None) == people
    assert registered.qualified_name == "default.people_csv"
    assert registered.column_names == ("id", "name")


def test_the_same_table_again_stays_untouched(catalog: Catalog, people: Table) -> None:
    assert register_table(catalog, people) == register_table(catalog, people)


@pytest.mark.parametrize(
    "change",
    [
        {"columns": (ID, Column("name", "bigint", "Name"))},
        {"location": "/elsewhere"},
        {"parameters": {"skip.header.line.count": "1", "delimiter": ";"}},
    ],
    ids=["columns", "location", "delimiter"],
)
def test_a_table_that_changed_gets_the_next_version_and_the_old_one_is_kept(
    catalog: Catalog, people: Table, change: dict[str, Any]
) -> None:
    first = register_table(catalog, people)
    second = register_table(catalog, replace(people, **change))
    assert second.version_id == 1
    assert second.create_time == first.create_time
    assert register_table(catalog, people).version_id == 2
    old = rows(catalog, "SELECT version_id, columns_json FROM findmatches.table_versions ORDER BY version_id")
    assert [row["version_id"] for row in old] == [0, 1]


def test_counts_and_files_are_brought_up_to_date_without_a_new_version(
    catalog: Catalog, people: Table, tmp_path: Path
) -> None:
    register_table(catalog, people)
    more = tmp_path / "more.csv"
    more.write_text("ID,Name\n2,Bob\n")
    grown = replace(people, parameters=people.parameters | {"recordCount": "2"}, files=(*people.files, str(more)))
    known = register_table(catalog, grown)
    assert (known.version_id, known.parameters["recordCount"]) == (0, "2")
    assert rows(catalog, "SELECT * FROM findmatches.table_versions") == []
    assert run_query(catalog, "SELECT name FROM people_csv")[1] == [("Ann",), ("Bob",)]


def test_names_are_folded_to_lower_case_and_found_in_any(catalog: Catalog, people: Table) -> None:
    register_table(catalog, replace(people, database_name="Sales", name="People"))
    assert get_table(catalog, "SALES.people").qualified_name == "sales.people"


def test_a_name_without_a_database_is_looked_for_in_default(catalog: Catalog, people: Table) -> None:
    register_table(catalog, people)
    assert get_table(catalog, "people_csv").database_name == "default"


@pytest.mark.parametrize("name", ["default.peple_csv", "peple_csv"])
def test_an_unknown_table_is_named_with_the_nearest_known(catalog: Catalog, people: Table, name: str) -> None:
    register_table(catalog, people)
    with pytest.raises(EntityNotFoundError, match=rf"^No table '{name}' .* Did you mean 'default\.people_csv'\?"):
        get_table(catalog, name)


def test_an_unknown_table_in_an_empty_catalog_is_named(catalog: Catalog) -> None:
    with pytest.raises(EntityNotFoundError, match=r"^No table 'a\.b' in the catalog\. `findmatches tables`"):
        get_table(catalog, "a.b")


def test_tables_and_databases_are_listed_by_name(catalog: Catalog, people: Table) -> None:
    for database, name in (("sales", "b"), ("sales", "a"), ("default", "z")):
        register_table(catalog, replace(people, database_name=database, name=name))
    assert [table.qualified_name for table in list_tables(catalog)] == ["default.z", "sales.a", "sales.b"]
    assert [table.name for table in list_tables(catalog, "Sales")] == ["a", "b"]
    assert list_databases(catalog) == ["default", "sales"]


def test_listing_an_unknown_database_says_which_there_are(catalog: Catalog, people: Table) -> None:
    register_table(catalog, replace(people, database_name="sales"))
    with pytest.raises(EntityNotFoundError, match=r"^No database 'sale' .* Did you mean 'sales'\? It has: sales\.$"):
        list_tables(catalog, "sale")


@pytest.mark.parametrize("name", sorted(RESERVED_DATABASES))
def test_a_database_name_that_the_catalog_needs_is_refused(catalog: Catalog, people: Table, name: str) -> None:
    with pytest.raises(InvalidInputError, match=f"^'{name}' cannot be a database: .* such as '{name}_data'"):
        register_table(catalog, replace(people, database_name=name.upper()))
    assert not catalog.path.exists()


@pytest.mark.parametrize(
    "name", ["main", "default", "select", "public", "tables", "ml_transforms", "src", "à la carte"]
)
def test_any_other_database_name_works_beside_the_catalogs_own_tables(
    catalog: Catalog, people: Table, name: str
) -> None:
    register_table(catalog, replace(people, database_name=name, name="tables"))
    assert run_query(catalog, f'SELECT * FROM "{name}".tables')[1] == [(1, "Ann")]
    assert [table.database_name for table in list_tables(catalog)] == [name]


@pytest.mark.parametrize(
    ("database", "name"), [("a.b", "t"), ("", "t"), ("a", " ")], ids=["dot", "no database", "no table"]
)
def test_a_name_that_could_not_be_found_again_is_refused(
    catalog: Catalog, people: Table, database: str, name: str
) -> None:
    with pytest.raises(InvalidInputError, match=r"is no table name\. Write DATABASE\.TABLE"):
        register_table(catalog, replace(people, database_name=database, name=name))


def test_a_table_without_columns_is_refused(catalog: Catalog, people: Table) -> None:
    with pytest.raises(InvalidInputError, match=r"^Table 'default\.people_csv' has no columns"):
        register_table(catalog, replace(people, columns=()))


@in_duckdb
def test_a_table_whose_view_cannot_be_made_is_not_registered(catalog: Catalog, people: Table) -> None:
    with pytest.raises(InvalidInputError, match=r"^No file at '/nowhere\.csv'"):
        register_table(catalog, replace(people, files=("/nowhere.csv",)))
    assert list_tables(catalog) == []
