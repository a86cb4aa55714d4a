"""The catalog in PostgreSQL: how it is found, and what is said when it cannot be used."""

from urllib.parse import urlsplit

import pytest

from catalog.database import Catalog
from catalog.migrate import known_migrations
from catalog.postgresql import PostgresCatalog
from catalog.tables import list_databases
from errors import CatalogBusyError, InvalidInputError, WorkspaceVersionError
from storage.workspace import Workspace
from tests.catalog.conftest import in_postgresql
from tests.servers.database_server import PASSWORD, DatabaseServer


@in_postgresql
def test_the_environment_names_the_catalog(catalog: PostgresCatalog, workspace: Workspace) -> None:
    found = Catalog.of(workspace)
    assert isinstance(found, PostgresCatalog)
    assert (found.url, found.workspace) == (catalog.url, workspace)
    assert list_databases(found) == []
    assert not workspace.home.exists()


@in_postgresql
def test_the_first_visit_makes_the_schema(
    postgresql_source: DatabaseServer, workspace: Workspace, catalog: PostgresCatalog
) -> None:
    url = postgresql_source.new_database("first_visit")
    with PostgresCatalog(url, workspace).reading() as session:
        rows = session.rows("SELECT version FROM findmatches.schema_migrations ORDER BY version")
    assert [row["version"] for row in rows] == [migration.version for migration in known_migrations()]


@in_postgresql
def test_a_catalog_of_a_newer_version_is_left_alone(catalog: PostgresCatalog, workspace: Workspace) -> None:
    with catalog.transaction() as session:
        session.execute(
            "INSERT INTO findmatches.schema_migrations (version, name, applied_on) VALUES (99, 'later', now())"
        )
    with pytest.raises(WorkspaceVersionError, match="made by a newer findmatches: its schema is 99"):
        list_databases(PostgresCatalog(catalog.url, workspace))


@in_postgresql
def test_a_failed_write_leaves_nothing(catalog: PostgresCatalog) -> None:
    insert = "INSERT INTO findmatches.databases VALUES (?, now() AT TIME ZONE 'UTC')"
    with pytest.raises(ZeroDivisionError), catalog.transaction() as session:
        [session.execute(insert, [str(1 / number)]) for number in (1, 0)]
    assert list_databases(catalog) == []


@in_postgresql
def test_a_writer_gives_up_waiting_for_others(catalog: PostgresCatalog, tmp_path) -> None:  # type: ignore[no-untyped-def]
    hurried = PostgresCatalog(catalog.url, Workspace(tmp_path / "other"), wait_seconds=0.3)
    gives_up = pytest.raises(CatalogBusyError, match=r"gave up after waiting 0\.3 s")
    with catalog.transaction(), gives_up, hurried.transaction():
        pass
    with hurried.transaction():
        pass


@in_postgresql
def test_readers_wait_for_nobody(catalog: PostgresCatalog, tmp_path) -> None:  # type: ignore[no-untyped-def]
    other = PostgresCatalog(catalog.url, Workspace(tmp_path / "other"), wait_seconds=0.1)
    with catalog.transaction() as session:
        session.execute("INSERT INTO findmatches.databases VALUES ('new', now() AT TIME ZONE 'UTC')")
        assert list_databases(other) == []
    assert list_databases(other) == ["new"]


@in_postgresql
@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda parts: parts._replace(netloc=parts.netloc.replace(str(parts.port), "9")), r"no server answers \("),
        (lambda parts: parts._replace(path="/no_such_database"), "Create the database, or name another"),
        (lambda parts: parts._replace(netloc=f"{parts.username}:wrong@127.0.0.1:{parts.port}"), "refuses the user or"),
    ],
    ids=["no server", "no database", "wrong password"],
)
def test_what_is_wrong_is_one_line_without_the_password(change, message: str, catalog: PostgresCatalog) -> None:  # type: ignore[no-untyped-def]
    wrong = PostgresCatalog(change(urlsplit(catalog.url)).geturl(), catalog.workspace)
    with pytest.raises(InvalidInputError, match=message) as refused:
        list_databases(wrong)
    assert "\n" not in str(refused.value)
    assert PASSWORD not in str(refused.value)
    assert "Catalog 'postgresql://reader@127.0.0.1:" in str(refused.value)


@pytest.mark.parametrize("url", ["postgres", "mysql://a@b/c", "postgresql://host/db", "postgresql://user@host"])
def test_an_address_that_is_none_is_refused(url: str, workspace: Workspace) -> None:
    with pytest.raises(InvalidInputError, match="FINDMATCHES_CATALOG is no address of a PostgreSQL database"):
        PostgresCatalog(url, workspace)


@in_postgresql
def test_the_password_may_stand_in_the_environment(catalog: PostgresCatalog, monkeypatch: pytest.MonkeyPatch) -> None:
    parts = urlsplit(catalog.url)
    bare = parts._replace(netloc=f"{parts.username}@127.0.0.1:{parts.port}").geturl()
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    assert list_databases(PostgresCatalog(bare, catalog.workspace)) == []
