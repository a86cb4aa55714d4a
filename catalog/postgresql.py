"""The catalog in PostgreSQL, for teams: many machines, one catalog. FINDMATCHES_CATALOG names it.

Every visit is a connection and a transaction of its own. Writers take turns, as at the DuckDB file: what one reads
before it writes is not changed by another meanwhile. Views are not kept there; a query makes those that it names.
"""

import os
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

import duckdb

from catalog.database import Catalog
from catalog.migrate import PostgresMigrations, migrate, pending_migrations
from catalog.session import Session, stored, told
from catalog.turns import Patience, turn
from errors import CatalogBusyError, FindMatchesError, InvalidInputError
from storage.workspace import Workspace

if TYPE_CHECKING:
    from pg8000.dbapi import Connection

CONNECT_SECONDS = 10
ANSWER_SECONDS = 600
WRITERS = 7_305_921_446_113_207_301  # the number of the lock that writers hold, in PostgreSQL's namespace of locks
EXAMPLE = "postgresql://USER:PASSWORD@HOST:5432/DATABASE"


class PostgresCatalog(Catalog):
    """What is known about tables, transforms, labels and runs, in a database of PostgreSQL.

    Models and artifacts stay in the workspace. `wait_seconds` is how long a writer waits for others.
    """

    keeps_views = False

    def __init__(self, url: str, workspace: Workspace, wait_seconds: float = 60.0) -> None:
        super().__init__(workspace.catalog_path, wait_seconds)
        self.url = _checked(url)
        self._workspace = workspace
        self._is_current = False

    @property
    def workspace(self) -> Workspace:
        """The workspace beside the catalog."""
        return self._workspace

    @property
    def name(self) -> str:
        """What the catalog is called in messages: its address without the password."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.username}@{parts.hostname}:{parts.port or 5432}{parts.path}"

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Open the catalog to write: what is done inside is kept whole, or not at all when an error leaves it."""
        patience = Patience(self.name, self.wait_seconds)
        with turn(self.path, patience), self._connected() as connection:
            session = PostgresSession(connection)
            self._bring_up_to_date_once(session)
            self._wait_for_other_writers(session, patience)
            yield session
            connection.commit()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Open the catalog to read, as it is at this moment."""
        patience = Patience(self.name, self.wait_seconds)
        with turn(self.path, patience), self._connected() as connection:
            session = PostgresSession(connection)
            self._bring_up_to_date_once(session)
            session.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield session
            connection.rollback()

    def copy_into(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Copy the catalog's tables into a database of DuckDB in memory; the views over files are made there anew."""
        import pyarrow as pa

        migrate(connection, pending_migrations(connection, self.name))
        with self.reading() as session:
            for name in _table_names(session):
                rows = session.rows(f"SELECT * FROM findmatches.{name}")
                if rows and name != "schema_migrations":
                    connection.register("copied", pa.Table.from_pylist([_plain(row) for row in rows]))
                    connection.execute(f"INSERT INTO findmatches.{name} BY NAME SELECT * FROM copied")
                    connection.unregister("copied")

    def _bring_up_to_date_once(self, session: "PostgresSession") -> None:
        """Create the schema, or bring an older one up to date; this process looks once."""
        if self._is_current:
            return
        migrations = PostgresMigrations(session)
        if migrations.pending(self.name):
            session.execute("SELECT pg_advisory_xact_lock(?)", (WRITERS,))
            migrations.apply(self.name)
            session.connection.commit()
        else:
            session.connection.rollback()
        self._is_current = True

    def _wait_for_other_writers(self, session: "PostgresSession", patience: Patience) -> None:
        session.execute(f"SET LOCAL lock_timeout = {max(1, int(patience.left_seconds * 1000))}")
        session.execute("SELECT pg_advisory_xact_lock(?)", (WRITERS,))
        session.execute("SET LOCAL lock_timeout = 0")

    @contextmanager
    def _connected(self) -> "Iterator[Connection]":
        with self._said_in_one_line():
            connection = self._connection()
            try:
                yield connection
            finally:  # what was not committed is rolled back by the server
                with suppress(OSError, _driver().Error):
                    connection.close()

    def _connection(self) -> "Connection":
        parts = urlsplit(self.url)
        driver = _driver()
        place = (parts.hostname or "", parts.port or 5432)
        sock = socket.create_connection(place, CONNECT_SECONDS)
        try:
            sock.settimeout(ANSWER_SECONDS)
            made: Connection = driver.Connection(
                user=unquote(parts.username or ""),
                password=_password(parts.password),
                host=parts.hostname,
                database=unquote(parts.path.lstrip("/")),
                application_name="findmatches",
                sock=sock,
            )
        except BaseException:
            sock.close()
            raise
        return made

    @contextmanager
    def _said_in_one_line(self) -> Iterator[None]:
        driver = _driver()
        try:
            yield
        except OSError as error:
            reason = error.strerror or str(error) or "no answer"
            raise self._error(f"no server answers ({reason}). Check the address, and that it is running.") from None
        except driver.Error as error:
            fields = error.args[0] if error.args and isinstance(error.args[0], dict) else {}
            known = self._known_error(fields.get("C", ""), fields.get("M") or str(error))
            if known is None:
                raise
            raise known from None

    def _known_error(self, code: str, words: str) -> FindMatchesError | None:
        """What the server said, in words for people; None where the program is wrong."""
        match code:
            case "55P03":
                return CatalogBusyError(
                    f"Catalog '{self.name}' was written to by others; gave up after waiting {self.wait_seconds:g} s. "
                    "Wait until they are done, and run again."
                )
            case "28P01" | "28000":
                return self._error(f"the server refuses the user or the password ({words}).")
            case "3D000":
                return self._error(f"{words}. Create the database, or name another in FINDMATCHES_CATALOG.")
            case "42501":
                return self._error(f"{words}. The user must be allowed to create a schema in the database.")
        if code.startswith(("08", "57", "53")) or not code:
            return self._error(f"the server says: {words}. Run again when it is well.")
        return None

    def _error(self, text: str) -> InvalidInputError:
        return InvalidInputError(f"Catalog '{self.name}': {text}")


class PostgresSession(Session):
    """Runs the catalog's SQL in PostgreSQL."""

    keeps_views = False
    connection: Any

    def execute(self, sql: str, params: Sequence[Any] = ()) -> None:
        """Run one statement whose result nobody needs."""
        self._run(sql, params)

    def rows(self, sql: str, params: Sequence[Any] = ()) -> list[dict[str, Any]]:
        """Return what a query finds, one dict for each row."""
        cursor = self._run(sql, params)
        names = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, map(told, row), strict=True)) for row in cursor.fetchall()]

    def _run(self, sql: str, params: Sequence[Any]) -> Any:
        cursor = self.connection.cursor()
        if params:
            cursor.execute(sql.replace("%", "%%").replace("?", "%s"), tuple(_value(value) for value in params))
        else:
            cursor.execute(sql)
        return cursor


def _value(value: Any) -> Any:
    """A value as the driver takes it: enums of texts are texts."""
    value = stored(value)
    return str(value) if isinstance(value, str) else value


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {name: stored(value) for name, value in row.items()}


def _table_names(session: Session) -> list[str]:
    query = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'findmatches' ORDER BY table_name"
    return [row["table_name"] for row in session.rows(query)]


def _checked(url: str) -> str:
    parts = urlsplit(url)
    named = parts.scheme == "postgresql" and parts.hostname and parts.username and parts.path.strip("/")
    if not named:
        raise InvalidInputError(f"FINDMATCHES_CATALOG is no address of a PostgreSQL database. Write it like {EXAMPLE}.")
    return url


def _password(text: str | None) -> str | None:
    return unquote(text) if text is not None else os.environ.get("PGPASSWORD")


def _driver() -> Any:
    try:
        import pg8000.dbapi
    except ImportError as error:
        raise InvalidInputError(
            "The driver for a catalog in PostgreSQL is not installed. Run: pip install 'findmatches[postgresql]'"
        ) from error
    return pg8000.dbapi
