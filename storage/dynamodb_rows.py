"""All items of a DynamoDB table as a Parquet file, in bounded memory."""

import logging
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from errors import counted
from storage.duck import literal, opened_database, quoted
from storage.dynamodb import describe_table, scan, text_of

if TYPE_CHECKING:
    import pyarrow as pa

log = logging.getLogger("findmatches.storage")


def write_items(name: str, columns: Sequence[str], path: Path, rate: float) -> None:
    """Write all items to a Parquet file, every attribute in `columns` as text, ordered by the table's keys.

    Attributes that `columns` does not have are counted in a warning. `rate` is the share of the read capacity to use.
    """
    table = describe_table(name)
    more: dict[str, int] = {}
    connection = opened_database()
    try:
        kept = ", ".join(f"{quoted(f'c{i}')} VARCHAR" for i in range(len(columns)))
        connection.execute(f"CREATE TABLE items ({kept})")
        for rows in _batches(table.name, columns, rate, more):
            connection.register("batch", rows)
            connection.execute("INSERT INTO items SELECT * FROM batch")
            connection.unregister("batch")
        named = ", ".join(f"{quoted(f'c{i}')} AS {quoted(column)}" for i, column in enumerate(columns))
        keys = [quoted(f"c{columns.index(key)}") for key in table.keys if key in columns]
        order = f"ORDER BY {', '.join(keys)}" if keys else ""
        connection.execute(
            f"COPY (SELECT {named} FROM items {order}) TO {literal(str(path))} (FORMAT parquet, COMPRESSION zstd)"
        )
    finally:
        connection.close()
    for attribute, count in more.items():
        log.warning(
            "Attribute '%s' of DynamoDB table '%s' is in %s and not in the catalog: crawl again.",
            *(attribute, name, counted(count, "item")),
        )


def _batches(name: str, columns: Sequence[str], rate: float, more: dict[str, int]) -> "Iterator[pa.Table]":
    import pyarrow as pa

    known = set(columns)
    schema = pa.schema([(f"c{i}", pa.string()) for i in range(len(columns))])
    for items in scan(describe_table(name), rate):
        for attribute in (each for item in items for each in item if each not in known):
            more[attribute] = more.get(attribute, 0) + 1
        values = [[text_of(item[column]) if column in item else None for item in items] for column in columns]
        yield pa.table([pa.array(each, pa.string()) for each in values], schema)
