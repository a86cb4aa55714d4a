"""The catalog database: one DuckDB file, opened for one short visit at a time.

A DuckDB file has one writing process, or several reading ones. So everybody opens it, does one thing and closes it;
whoever finds it taken waits. Inside one process the threads take turns in the same way. `catalog.duckdb.lock` beside
the file keeps the processes apart.
"""

import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import duckdb

from catalog.migrate import migrate, pending_migrations
from catalog.places import catalog_file, elsewhere, is_address, named_catalog
from catalog.session import Session
from catalog.turns import Patience, file_lock, held, turn
from errors import FindMatchesError, InvalidInputError, WorkspaceVersionError
from storage.duck import literal, opened_database
from storage.duck_errors import plain_words
from storage.workspace import Workspace

_TAKEN = ("Could not set lock", "Conflicting lock", "with a different configuration")
_NEWER = ("newer version of DuckDB", "can only read storage version")


class Catalog:
    """What is known about tables, transforms, labels and runs, in the DuckDB file `path`.

    `wait_seconds` is how long a visit waits while other processes hold the file, before a CatalogBusyError.
    `workspace` keeps models, artifacts and copies; the folder of the file, where it is not given.
    """

    keeps_views = True  # tables are views of the database itself, which any DuckDB client can read

    def __init__(self, path: Path, wait_seconds: float = 60.0, workspace: Workspace | None = None) -> None:
        self.path = path.expanduser().absolute()
        self.wait_seconds = wait_seconds
        self.workspace = workspace or Workspace(self.path.parent)

    @classmethod
    def of(cls, workspace: Workspace) -> "Catalog":
        """The catalog of a workspace: its DuckDB file, or the file or database that FINDMATCHES_CATALOG names."""
        place = named_catalog()
        if is_address(place):
            from catalog.postgresql import PostgresCatalog

            return PostgresCatalog(place, workspace)
        return cls(catalog_file(place) if place else workspace.catalog_path, workspace=workspace)

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Open the catalog to write: what is done inside is kept whole, or not at all when an error leaves the block.

        Creates the catalog first, or brings an older one up to date. Keep it short: everybody else waits.
        """
        patience = Patience(self.path, self.wait_seconds)
        with turn(self.path, patience):
            self._create_if_missing()
            with self._opened(patience) as connection, _disk_full_explained(self.path):
                self._bring_up_to_date(connection)
                connection.execute("BEGIN")
                yield Session(connection)
                connection.execute("COMMIT")

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Open the catalog to read; one that is not there yet reads as empty, and is not created."""
        patience = Patience(self.path, self.wait_seconds)
        with turn(self.path, patience), self._opened_to_read(patience) as connection:
            yield Session(connection)

    @contextmanager
    def turn_of(self, transform_id: str, waiting: Callable[[], None]) -> Iterator[None]:
        """Hold the turn of a transform: no two publish its matches at once; `waiting` is told when another has it.

        Whoever is killed holds it no more.
        """
        folder = self.path.with_name(f"{self.path.name}.turns")
        folder.mkdir(parents=True, exist_ok=True)
        with held(folder / transform_id, waiting):
            yield

    def copy_into(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Copy the catalog, its views too, into a database in memory, where a long query keeps nobody waiting."""
        if not self.path.exists():
            self._bring_up_to_date(connection)
            return
        with self.reading():
            connection.execute(f"ATTACH {literal(str(self.path))} AS catalog (READ_ONLY)")
            connection.execute("COPY FROM DATABASE catalog TO memory")
            connection.execute("DETACH catalog")

    @contextmanager
    def _opened_to_read(self, patience: Patience) -> Iterator[duckdb.DuckDBPyConnection]:
        if not self.path.exists():
            with closing(opened_database()) as connection:
                self._bring_up_to_date(connection)
                yield connection
            return
        while True:
            with self._opened(patience, read_only=True) as connection:
                if not pending_migrations(connection, self.path):
                    yield connection
                    return
            with self._opened(patience) as connection:
                self._bring_up_to_date(connection)

    @contextmanager
    def _opened(self, patience: Patience, *, read_only: bool = False) -> Iterator[duckdb.DuckDBPyConnection]:
        lock = self.path.with_name(f"{self.path.name}.lock")
        with file_lock(lock, patience, shared=read_only), closing(self._open(patience, read_only=read_only)) as opened:
            yield opened

    def _open(self, patience: Patience, *, read_only: bool) -> duckdb.DuckDBPyConnection:
        while True:
            try:
                return opened_database(str(self.path), read_only=read_only)
            except duckdb.Error as error:
                if not any(words in str(error) for words in _TAKEN):
                    raise _cannot_open(self.path, str(error)) from error
                patience.pause(str(error))

    def _bring_up_to_date(self, connection: duckdb.DuckDBPyConnection) -> None:
        migrate(connection, pending_migrations(connection, self.path))

    def _create_if_missing(self) -> None:
        """Make the file beside its place and link it in whole, so that nobody ever meets half a catalog."""
        if self.path.exists():
            return
        new = self.path.with_name(f".{self.path.name}.{secrets.token_hex(8)}")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with _removed_at_last(new):
                with closing(opened_database(str(new))) as connection:
                    self._bring_up_to_date(connection)
                _link(new, self.path)
        except (OSError, duckdb.IOException) as error:
            raise _cannot_open(self.path, str(error)) from error


@contextmanager
def _removed_at_last(path: Path) -> Iterator[None]:
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def _link(new: Path, path: Path) -> None:
    try:
        os.link(new, path)
    except FileExistsError:
        return  # another process was first; its catalog is as good
    except OSError:
        new.replace(path)  # a file system without hard links


@contextmanager
def _disk_full_explained(path: Path) -> Iterator[None]:
    try:
        yield
    except duckdb.Error as error:
        if "No space left" not in str(error):
            raise
        message = f"Disk full while writing '{path}'; what it held before is unchanged. Free some space and run again."
        raise InvalidInputError(message) from error


def _cannot_open(path: Path, reason: str) -> FindMatchesError:
    if any(words in reason for words in _NEWER):
        return WorkspaceVersionError(f"Catalog '{path}' was written by a newer DuckDB. Upgrade, or {elsewhere()}.")
    if "not a valid DuckDB" in reason or "Corrupt" in reason:
        return InvalidInputError(f"'{path}' is not a catalog, or it is damaged. Move it away, or {elsewhere()}.")
    return InvalidInputError(f"Cannot open the catalog '{path}': {plain_words(reason)} Mend that, or {elsewhere()}.")
