"""The catalog in PostgreSQL, for teams: many machines, one catalog. FINDMATCHES_CATALOG names it.

Every visit is a connection and a transaction of its own. Writers take turns, as at the DuckDB file: what one reads
before it writes is not changed by another meanwhile. Views are not kept there; a query makes those that it names.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import duckdb

from catalog.database import Catalog
from catalog.migrate import PostgresMigrations, migrate, pending_migrations
from catalog.postgresql_server import (
    FULL,
    Address,
    Doing,
    address_of,
    code_of,
    opened,
    postgresql_driver,
    said_in_one_line,
)
from catalog.session import Session, stored, told
from catalog.turns import Patience, turn
from errors import InvalidInputError
from storage.workspace import Workspace

if TYPE_CHECKING:
    from pg8000.dbapi import Connection

WRITERS = 7_305_921_446_113_207_301  # the number of the lock that writers hold, in PostgreSQL's namespace of locks
_READ = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"
_TAKEN = "55P03"
# A writer whose machine is gone keeps its lock until the server asks after it: after 90 s, not the system's two hours.
_WAIT_SO_LONG = """SELECT set_config('lock_timeout', ?, true), set_config('tcp_keepalives_idle', '60', false),
    set_config('tcp_keepalives_interval', '10', false), set_config('tcp_keepalives_count', '3', false)"""
_HOLDER = f"""SELECT a.application_name FROM pg_locks l JOIN pg_stat_activity a USING (pid)
    WHERE l.locktype = 'advisory' AND l.granted AND (l.classid::BIGINT << 32) + l.objid::BIGINT = {WRITERS}
    AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())"""


class PostgresCatalog(Catalog):
    """What is known about tables, transforms, labels and runs, in a database of PostgreSQL.

    Models and artifacts stay in the workspace. `wait_seconds` is how long a visit waits for others.
    """

    keeps_views = False

    def __init__(self, url: str, workspace: Workspace, wait_seconds: float = 60.0) -> None:
        super().__init__(workspace.catalog_path, wait_seconds, workspace)
        self.url = url
        self.address = address_of(url)

    @property
    def name(self) -> str:
        """What the catalog is called in messages: its address without the password."""
        return str(self.address)

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Open the catalog to write: what is done inside is kept whole, or not at all when an error leaves it."""
        patience = Patience(self.name, self.wait_seconds)
        with turn(self.path, patience), self._connected(patience) as session:
            session.take_turn(patience)
            while PostgresMigrations(session).pending(self.name):
                self._upgrade(session)
                session.take_turn(patience)
            yield session
            session.commit()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Open the catalog to read, as it is at this moment; creates it where it is missing."""
        patience = Patience(self.name, self.wait_seconds)
        with turn(self.path, patience), self._connected(patience) as session:
            session.execute(_READ)
            while PostgresMigrations(session).pending(self.name):
                session.rollback()
                session.take_turn(patience)
                self._upgrade(session)
                session.execute(_READ)
            yield session

    @contextmanager
    def turn_of(self, transform_id: str, waiting: Callable[[], None]) -> Iterator[None]:
        """Hold the turn of a transform by a lock of the database, for as long as a connection of its own lives."""
        number = int.from_bytes(hashlib.sha256(transform_id.encode()).digest()[:8], signed=True)
        with self._connected(Patience(self.name, self.wait_seconds)) as session:
            if not session.rows("SELECT pg_try_advisory_lock(?) AS got", (number,))[0]["got"]:
                waiting()
                session.execute("SELECT pg_advisory_lock(?)", (number,))
            yield

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

    def _upgrade(self, session: "PostgresSession") -> None:
        """Create the schema, or bring an older one up to date, in the turn that the session has."""
        encoding = session.rows("SHOW server_encoding")[0]["server_encoding"]
        if encoding != "UTF8":
            raise InvalidInputError(
                f"Catalog '{self.name}': the encoding of the database is {encoding}, and names are in all languages. "
                "Create one with ENCODING 'UTF8'."
            )
        PostgresMigrations(session).apply(self.name)
        session.commit()

    @contextmanager
    def _connected(self, patience: Patience) -> "Iterator[PostgresSession]":
        connection = self._connection(patience)
        try:
            yield PostgresSession(connection, self.address)
        finally:  # what was not committed is rolled back by the server
            with suppress(OSError, postgresql_driver().Error):
                connection.close()

    def _connection(self, patience: Patience) -> "Connection":
        """Connect; a server that is starting, or has no place at the moment, is asked again."""
        while True:
            try:
                return opened(self.address)
            except InvalidInputError as error:
                if not patience.left_seconds or code_of(error.__context__ or error) not in FULL:
                    raise
                patience.pause(str(error))


class PostgresSession(Session):
    """Runs the catalog's SQL in PostgreSQL."""

    keeps_views = False
    connection: Any

    def __init__(self, connection: Any, address: Address) -> None:
        super().__init__(connection)
        self._address = address

    def execute(self, sql: str, params: Sequence[Any] = ()) -> None:
        """Run one statement whose result nobody needs."""
        self._run(sql, params)

    def rows(self, sql: str, params: Sequence[Any] = ()) -> list[dict[str, Any]]:
        """Return what a query finds, one dict for each row."""
        cursor = self._run(sql, params)
        names = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, map(told, row), strict=True)) for row in cursor.fetchall()]

    def commit(self) -> None:
        """Keep what was done since the last commit."""
        with said_in_one_line(self._address, Doing.COMMITTING):
            self.connection.commit()

    def rollback(self) -> None:
        """Forget what was done since the last commit."""
        with said_in_one_line(self._address):
            self.connection.rollback()

    def take_turn(self, patience: Patience) -> None:
        """Wait until no other writes, and keep others from writing until the transaction ends."""
        self.execute(_WAIT_SO_LONG, (str(max(1, int(patience.left_seconds * 1000))),))
        try:
            with said_in_one_line(self._address):
                self._send("SELECT pg_advisory_xact_lock(?)", (WRITERS,))
        except postgresql_driver().Error as error:
            if code_of(error) != _TAKEN:
                raise
            self.rollback()
            raise patience.exhausted(self._holder()) from None
        self.execute("SET LOCAL lock_timeout = 0")

    def _holder(self) -> str:
        row = self.row(_HOLDER)
        return str(row["application_name"] or "") if row else ""

    def _run(self, sql: str, params: Sequence[Any]) -> Any:
        with said_in_one_line(self._address):
            return self._send(sql, params)

    def _send(self, sql: str, params: Sequence[Any]) -> Any:
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
