"""The catalog in PostgreSQL: how it is found, and what is said when it cannot be used."""

import os
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, nullcontext, suppress
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit
from uuid import uuid4

import pg8000.dbapi
import pytest

from catalog.database import Catalog
from catalog.migrate import known_migrations
from catalog.postgresql import PostgresCatalog
from catalog.postgresql_server import opened
from catalog.tables import list_databases
from errors import CatalogBusyError, InvalidInputError, WorkspaceVersionError
from storage.workspace import Workspace
from tests.catalog.conftest import in_postgresql
from tests.servers.database_server import DatabaseServer


@in_postgresql
def test_the_environment_names_the_catalog(catalog: PostgresCatalog, workspace: Workspace) -> None:
    found = Catalog.of(workspace)
    assert isinstance(found, PostgresCatalog)
    assert (found.url, found.workspace) == (catalog.url, workspace)
    assert list_databases(found) == []
    assert not workspace.home.exists()


@in_postgresql
def test_the_first_visit_makes_the_schema(
    catalog_server: DatabaseServer, workspace: Workspace, catalog: PostgresCatalog
) -> None:
    url = catalog_server.new_database("first")
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
def test_a_writer_gives_up_waiting_for_others_and_names_one(catalog: PostgresCatalog, tmp_path: Path) -> None:
    hurried = PostgresCatalog(catalog.url, Workspace(tmp_path / "other"), wait_seconds=0.3)
    gives_up = pytest.raises(CatalogBusyError, match=rf"process \(PID {os.getpid()}\); gave up after waiting 0\.3 s")
    with catalog.transaction(), gives_up, hurried.transaction():
        pass
    with hurried.transaction():
        pass


@in_postgresql
def test_readers_wait_for_nobody(catalog: PostgresCatalog, tmp_path: Path) -> None:
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
        (
            lambda parts: parts._replace(netloc=f"{parts.username}:wrong@{parts.hostname}:{parts.port}"),
            "refuses the user or",
        ),
    ],
    ids=["no server", "no database", "wrong password"],
)
def test_what_is_wrong_is_one_line_without_the_password(
    change: Callable[[SplitResult], SplitResult], message: str, catalog: PostgresCatalog
) -> None:
    wrong = PostgresCatalog(change(urlsplit(catalog.url)).geturl(), catalog.workspace)
    with pytest.raises(InvalidInputError, match=message) as refused:
        list_databases(wrong)
    assert "\n" not in str(refused.value)
    assert str(catalog.address.password) not in str(refused.value)
    assert f"Catalog 'postgresql://{catalog.address.user}@" in str(refused.value)


@in_postgresql
def test_the_password_may_stand_in_the_environment(catalog: PostgresCatalog, monkeypatch: pytest.MonkeyPatch) -> None:
    parts = urlsplit(catalog.url)
    bare = parts._replace(netloc=f"{parts.username}@{parts.hostname}:{parts.port}").geturl()
    monkeypatch.setenv("PGPASSWORD", catalog.address.password or "")
    assert list_databases(PostgresCatalog(bare, catalog.workspace)) == []


def sessions_end(server: DatabaseServer, catalog: PostgresCatalog) -> None:
    """End all connections to a catalog, as an administrator does."""
    database = urlsplit(catalog.url).path[1:]
    server.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database}'")


def write_and_lose_the_connection(catalog: PostgresCatalog, server: DatabaseServer, then: str) -> None:
    with catalog.transaction() as session:
        session.execute("INSERT INTO findmatches.databases VALUES ('new', now() AT TIME ZONE 'UTC')")
        sessions_end(server, catalog)
        if then:
            session.execute(then)


@in_postgresql
@pytest.mark.parametrize("then", ["SELECT 1", ""], ids=["at a statement", "at the commit"])
def test_a_lost_connection_is_one_line_and_nothing_is_written(
    catalog: PostgresCatalog, catalog_server: DatabaseServer, then: str
) -> None:
    list_databases(catalog)
    with pytest.raises(
        InvalidInputError, match=r"^Catalog 'postgresql://.*(connection was lost|server says: term)"
    ) as lost:
        write_and_lose_the_connection(catalog, catalog_server, then)
    assert str(catalog.address.password) not in str(lost.value)
    assert list_databases(catalog) == []


@in_postgresql
def test_an_error_of_a_file_inside_a_visit_is_not_blamed_on_the_server(catalog: PostgresCatalog) -> None:
    with pytest.raises(FileNotFoundError, match="nowhere"), catalog.transaction():
        Path("nowhere").read_text(encoding="utf-8")


@in_postgresql
def test_a_mistake_in_the_sql_stays_a_traceback(catalog: PostgresCatalog) -> None:
    with pytest.raises(pg8000.dbapi.DatabaseError, match="nowhere"), catalog.reading() as session:
        session.execute("SELECT * FROM nowhere")


@in_postgresql
def test_a_reader_cannot_write(catalog: PostgresCatalog) -> None:
    with pytest.raises(InvalidInputError, match="in a read-only transaction"), catalog.reading() as session:
        session.execute("DELETE FROM findmatches.databases")


@in_postgresql
def test_a_text_that_the_server_cannot_keep_is_one_line(catalog: PostgresCatalog) -> None:
    refused = pytest.raises(InvalidInputError, match="a sign in the data that the server cannot keep")
    with refused, catalog.transaction() as session:
        session.execute("INSERT INTO findmatches.databases VALUES (?, now() AT TIME ZONE 'UTC')", ["a\0b"])


def as_another(catalog: PostgresCatalog, user: str, password: str, **other: Any) -> PostgresCatalog:
    parts = urlsplit(catalog.url)
    url = parts._replace(netloc=f"{user}:{password}@{parts.hostname}:{parts.port}").geturl()
    return PostgresCatalog(url, catalog.workspace, **other)


@pytest.fixture
def guest(catalog_server: DatabaseServer) -> Iterator[str]:
    """A user with one connection at a time, who may do nothing."""
    name = f"guest_{uuid4().hex[:8]}"
    catalog_server.execute(f"CREATE ROLE {name} LOGIN PASSWORD 'guest' CONNECTION LIMIT 1")
    yield name
    catalog_server.execute(f"DROP ROLE {name}")


@in_postgresql
def test_who_may_not_read_the_catalog_is_told(catalog: PostgresCatalog, guest: str) -> None:
    with pytest.raises(InvalidInputError, match=r"permission denied .* read and write a schema findmatches"):
        list_databases(as_another(catalog, guest, "guest"))


@in_postgresql
def test_a_visit_waits_while_the_server_has_no_place(catalog: PostgresCatalog, guest: str) -> None:
    hurried = as_another(catalog, guest, "guest", wait_seconds=0.3)
    patient = as_another(catalog, guest, "guest", wait_seconds=20)
    first = opened(hurried.address)
    with suppress(pg8000.dbapi.InterfaceError), closing(first):
        began = time.monotonic()
        with pytest.raises(InvalidInputError, match="too many connections"):
            list_databases(hurried)
        assert time.monotonic() - began >= 0.3
        threading.Timer(0.5, first.close).start()
        with pytest.raises(InvalidInputError, match="permission denied"):
            list_databases(patient)


@in_postgresql
def test_a_database_for_one_language_is_refused(
    catalog: PostgresCatalog, catalog_server: DatabaseServer, workspace: Workspace
) -> None:
    like = "template0 ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'"
    western = PostgresCatalog(catalog_server.new_database("latin", like=like), workspace)
    with pytest.raises(InvalidInputError, match="the encoding of the database is LATIN1"):
        list_databases(western)


@in_postgresql
def test_eight_threads_make_one_schema(catalog_server: DatabaseServer, catalog: Catalog, tmp_path: Path) -> None:
    url = catalog_server.new_database("new")
    visits = [PostgresCatalog(url, Workspace(tmp_path / str(number))) for number in range(8)]
    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(list_databases, visits)) == [[]] * 8


@in_postgresql
@pytest.mark.parametrize(
    ("mode", "message"), [("require", "does not encrypt"), ("verify-full", "does not encrypt"), ("disable", "")]
)
def test_encryption_is_asked_for(catalog: PostgresCatalog, mode: str, message: str) -> None:
    asking = PostgresCatalog(f"{catalog.url}?sslmode={mode}", catalog.workspace)
    with pytest.raises(InvalidInputError, match=message) if message else nullcontext():
        assert list_databases(asking) == []


def test_a_missing_driver_says_what_to_install(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pg8000.dbapi", None)
    with pytest.raises(InvalidInputError, match=r"pip install 'findmatches\[postgresql\]'"):
        list_databases(PostgresCatalog("postgresql://ada:x@127.0.0.1/team", workspace))


def test_a_server_that_never_answers_is_given_up(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("catalog.postgresql_server.CONNECT_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        mute = PostgresCatalog(f"postgresql://ada:x@127.0.0.1:{silent.getsockname()[1]}/team", workspace)
        with pytest.raises(InvalidInputError, match=r"^Catalog 'postgresql://ada@.*no server answers"):
            list_databases(mute)
