"""One open visit to the catalog database: SQL in, rows out."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import duckdb

_ROWS_PER_INSERT = 500


class Session:
    """Runs SQL that DuckDB and PostgreSQL both take, with `?` for every value.

    Times are timezone-aware UTC in Python and plain UTC timestamps in the database.
    """

    keeps_views = True  # whether tables are views of this database

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection

    def execute(self, sql: str, params: Sequence[Any] = ()) -> None:
        """Run one statement whose result nobody needs."""
        self.connection.execute(sql, [stored(value) for value in params])

    def insert(self, table: str, row: Mapping[str, Any]) -> None:
        """Add one row to one of our tables, values by column name."""
        names, marks = ", ".join(row), ", ".join("?" * len(row))
        self.execute(f"INSERT INTO findmatches.{table} ({names}) VALUES ({marks})", list(row.values()))

    def many(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        """Run an `INSERT … VALUES (?)` for all rows, hundreds at once: one by one DuckDB takes 2 ms for each."""
        for chunk in _chunks(rows):
            values = ", ".join("(" + ", ".join("?" * len(row)) + ")" for row in chunk)
            whole = re.sub(r"VALUES\s*\([?,\s]+\)", f"VALUES {values}", sql, count=1)
            self.execute(whole, [value for row in chunk for value in row])

    def rows(self, sql: str, params: Sequence[Any] = ()) -> list[dict[str, Any]]:
        """Return what a query finds, one dict for each row."""
        cursor = self.connection.execute(sql, [stored(value) for value in params])
        names = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, map(told, row), strict=True)) for row in cursor.fetchall()]

    def row(self, sql: str, params: Sequence[Any] = ()) -> dict[str, Any] | None:
        """Return the first row a query finds, or None."""
        return next(iter(self.rows(sql, params)), None)


def utc_now() -> datetime:
    """Return the time now, in UTC, to the microsecond that the database keeps."""
    return datetime.now(UTC)


def _chunks(rows: Sequence[Sequence[Any]]) -> Iterator[Sequence[Sequence[Any]]]:
    return (rows[start : start + _ROWS_PER_INSERT] for start in range(0, len(rows), _ROWS_PER_INSERT))


def stored(value: Any) -> Any:
    """A value as the database keeps it: times in UTC, without saying so."""
    return value.astimezone(UTC).replace(tzinfo=None) if isinstance(value, datetime) else value


def told(value: Any) -> Any:
    """A value as programs have it: times know that they are UTC."""
    return value.replace(tzinfo=UTC) if isinstance(value, datetime) else value
