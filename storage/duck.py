"""DuckDB connections and the only functions that turn names and texts into SQL."""

from collections.abc import Iterable

import duckdb

from storage.files import filesystem_of, is_remote

LISTED = 1000  # paths; of more the list is made by DuckDB
SEPARATOR = "\n"  # of their names; where one holds it the list stays a list


def opened_database(path: str = ":memory:", *, read_only: bool = False) -> duckdb.DuckDBPyConnection:
    """Open a database; DuckDB's own progress bar, which goes to stdout among the output, stays off."""
    connection = duckdb.connect(path, read_only=read_only)
    connection.execute("SET enable_progress_bar = false")
    return connection


def connect(
    threads: int | None = None, memory_limit: str | None = None, paths: Iterable[str] = ()
) -> duckdb.DuckDBPyConnection:
    """Open a database in memory that can read `paths`, on s3:// too, and reckons in UTC.

    `memory_limit` is DuckDB's text, such as "4GB"; None leaves DuckDB's own choice (all cores, 80 % of the memory).
    """
    connection = opened_database()
    connection.execute("SET TimeZone = 'UTC'")
    if threads is not None:
        connection.execute(f"SET threads = {int(threads)}")
    if memory_limit is not None:
        connection.execute(f"SET memory_limit = {literal(memory_limit)}")
    reach(connection, paths)
    return connection


def reach(connection: duckdb.DuckDBPyConnection, paths: Iterable[str]) -> None:
    """Let `connection` read s3:// and whatever else fsspec reads, for as many of `paths` as are not local."""
    remote = {path.partition("://")[0]: path for path in paths if is_remote(path)}
    for protocol in sorted(remote.keys() - set(connection.list_filesystems())):
        connection.register_filesystem(filesystem_of(remote[protocol]))


def quoted(name: str) -> str:
    """Write a name as an SQL identifier; whatever it holds, it stays one name.

    >>> quoted('order "id"; DROP')
    '"order ""id""; DROP"'
    """
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Write a text as an SQL string.

    >>> literal("O'Hara")
    "'O''Hara'"
    """
    return "'" + text.replace("'", "''") + "'"


def file_list(paths: Iterable[str]) -> str:
    """Write `paths` as the SQL list that DuckDB's readers take, in this order.

    DuckDB reads `*`, `?` and `[` in a path as a pattern, and would read other files than the one so named. A long list
    is one text that is split: DuckDB 2.0 takes 7 KB of memory for each path that it parses by itself.

    >>> file_list(["a.csv", "b[1].csv"])
    "['a.csv', 'b[[]1].csv']"
    """
    exact = ["".join(f"[{sign}]" if sign in "*?[" else sign for sign in path) for path in paths]
    if len(exact) > LISTED and not any(SEPARATOR in path for path in exact):
        return f"string_split({literal(SEPARATOR.join(exact))}, {literal(SEPARATOR)})"
    return "[" + ", ".join(map(literal, exact)) + "]"
