"""The partitions of catalogued tables: one for each folder with files."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from catalog.database import Catalog
from catalog.session import Session, utc_now
from catalog.tables import Column, Table


@dataclass(frozen=True)
class Partition:
    """A folder of a table: `values` in the order of the table's partition keys, None where there is none.

    `columns` are those of its own files; without any it has the table's. `parameters` are Glue's, all texts.
    """

    location: str
    values: tuple[str | None, ...]
    columns: tuple[Column, ...]
    parameters: dict[str, str]
    create_time: datetime | None = None
    update_time: datetime | None = None


@dataclass(frozen=True)
class Changes:
    """How many entries of a kind a crawl added, updated and deleted."""

    added: int = 0
    updated: int = 0
    deleted: int = 0

    def __add__(self, other: "Changes") -> "Changes":
        return Changes(self.added + other.added, self.updated + other.updated, self.deleted + other.deleted)


def list_partitions(catalog: Catalog, table: Table) -> list[Partition]:
    """Return the partitions of a table, by location."""
    with catalog.reading() as session:
        return read_partitions(session, table)


def read_partitions(session: Session, table: Table) -> list[Partition]:
    """Return the partitions of a table, by location, inside a visit."""
    query = "SELECT * FROM findmatches.partitions WHERE database_name = ? AND table_name = ? ORDER BY location"
    return [_partition(row) for row in session.rows(query, _place(table))]


def write_partitions(session: Session, table: Table, found: Sequence[Partition], *, keep: bool = False) -> Changes:
    """Make `found` the partitions of a table; `keep` leaves those that are not there any more as they are."""
    known = {partition.location: partition for partition in read_partitions(session, table)}
    now = utc_now()
    new = [replace(each, create_time=now, update_time=now) for each in found if each.location not in known]
    changed = [
        replace(each, create_time=known[each.location].create_time, update_time=now)
        for each in found
        if each.location in known and _told(each) != _told(known[each.location])
    ]
    gone = [] if keep else sorted(known.keys() - {each.location for each in found})
    _delete(session, table, [*(each.location for each in changed), *gone])
    session.many(
        "INSERT INTO findmatches.partitions (database_name, table_name, location, values_json, columns_json,"
        " parameters_json, create_time, update_time) VALUES (?)",
        [_row(table, each) for each in (*new, *changed)],
    )
    return Changes(len(new), len(changed), len(gone))


def _delete(session: Session, table: Table, locations: Sequence[str]) -> None:
    for start in range(0, len(locations), 500):
        some = locations[start : start + 500]
        marks = ", ".join("?" * len(some))
        session.execute(
            f"DELETE FROM findmatches.partitions WHERE database_name = ? AND table_name = ? AND location IN ({marks})",
            (*_place(table), *some),
        )


def _told(partition: Partition) -> Partition:
    return replace(partition, create_time=None, update_time=None)


def _place(table: Table) -> tuple[str, str]:
    return table.database_name, table.name


def _row(table: Table, partition: Partition) -> tuple[Any, ...]:
    return (
        *_place(table),
        partition.location,
        json.dumps(partition.values),
        json.dumps([asdict(column) for column in partition.columns]),
        json.dumps(partition.parameters),
        partition.create_time,
        partition.update_time,
    )


def _partition(row: dict[str, Any]) -> Partition:
    return Partition(
        row["location"],
        tuple(json.loads(row["values_json"])),
        tuple(Column(**column) for column in json.loads(row["columns_json"])),
        json.loads(row["parameters_json"]),
        row["create_time"],
        row["update_time"],
    )
