"""What a crawl writes into the catalog: all its tables and partitions at once, or nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from catalog.database import Catalog
from catalog.partitions import Changes, Partition, write_partitions
from catalog.session import Session
from catalog.tables import Table, checked_table, drop_table, put_table, read_table
from catalog.views import readable_files
from storage.copies import Copies


@dataclass(frozen=True)
class Entry:
    """A table to put into the catalog; `keep_partitions` leaves those that were not found as they are."""

    table: Table
    partitions: tuple[Partition, ...] = ()
    keep_partitions: bool = False


@dataclass(frozen=True)
class Registered:
    """The tables as they are known now, and what has changed in the catalog."""

    tables: tuple[Table, ...]
    table_changes: Changes
    partition_changes: Changes


def register_crawl(
    catalog: Catalog, entries: Sequence[Entry], changed: Sequence[Table] = (), gone: Sequence[Table] = ()
) -> Registered:
    """Put tables into the catalog, with their views; `changed` are known ones with other parameters, `gone` leave it.

    Files that DuckDB reads as copies are copied when they are first read, but for one of each layout.
    """
    copies = Copies(catalog.workspace.copies)
    checked = [replace(entry, table=checked_table(entry.table)) for entry in entries]
    files = [readable_files(copies, entry.table, first_only=True) for entry in checked]
    tables: list[Table] = []
    table_changes = partition_changes = Changes()
    with catalog.transaction() as session:
        for entry, paths in zip(checked, files, strict=True):
            table, change, inside = _put(session, entry, paths)
            tables.append(table)
            table_changes, partition_changes = table_changes + change, partition_changes + inside
        for table in changed:
            put_table(session, table, None)
        for table in gone:
            partition_changes += write_partitions(session, table, ())
            drop_table(session, table)
    table_changes += Changes(updated=len(changed), deleted=len(gone))
    return Registered(tuple(tables), table_changes, partition_changes)


def _put(session: Session, entry: Entry, files: Sequence[str]) -> tuple[Table, Changes, Changes]:
    known = read_table(session, entry.table.database_name, entry.table.name)
    table = put_table(session, entry.table, files, first_only=True)
    change = Changes(added=int(known is None), updated=int(known is not None and known != table))
    return table, change, write_partitions(session, table, entry.partitions, keep=entry.keep_partitions)
