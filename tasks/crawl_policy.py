"""What becomes of a table that is in the catalog already when a crawl finds it otherwise, or not at all."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from time import time

from catalog.table import Column, Table
from crawling.assemble import SAMPLED
from crawling.widen import widest
from errors import InvalidInputError

UPDATE, DELETE, DEPRECATE, LOG = "UPDATE_IN_DATABASE", "DELETE_FROM_DATABASE", "DEPRECATE_IN_DATABASE", "LOG"
DEPRECATED_BY = "DEPRECATED_BY_CRAWLER"
UPDATED_BY = "UPDATED_BY_CRAWLER"
COUNTS = ("recordCount", "averageRecordSize")


@dataclass(frozen=True)
class Policies:
    """Glue's SchemaChangePolicy and output configuration; `crawler` is the named crawler whose tables these are.

    With `keep_columns`, a crawl that would take a column out of a table is refused.
    """

    update_behavior: str = UPDATE
    delete_behavior: str = LOG
    merge_new_columns: bool = False
    inherit_from_table: bool = False
    crawler: str = ""
    keep_columns: bool = False


def next_table(
    known: Table | None, found: Table, policies: Policies, *, unchanged: bool = False
) -> tuple[Table, list[str]]:
    """The table that the catalog is to hold, and what people should know of the change.

    A column never gets a narrower type while files that were read whole are only sampled anew; `unchanged` says that
    all files are as they were.
    """
    if known is None:
        return found, []
    found = _as_known_to_be(known, found, unchanged=unchanged)
    if policies.merge_new_columns:
        return _merged(known, found)
    if policies.update_behavior == LOG:
        return _kept(known, found)
    if policies.keep_columns:
        refuse_to_lose_columns(known, found)
    return found, [*_vanished(known, found), *_moved(known, found)]


def refuse_to_lose_columns(known: Table, found: Table) -> None:
    """Raise when a column of the known table is in none of its files any more."""
    if gone := [name for name in known.column_names if name not in found.column_names]:
        raise InvalidInputError(
            f"Table '{known.qualified_name}' has lost {', '.join(repr(name) for name in gone)}: its files at "
            f"'{found.location}' have {', '.join(repr(name) for name in found.column_names)}. Put it back into the "
            "files; or, when it is gone for good, crawl the table and train again."
        )


def deprecated(table: Table) -> Table:
    """The table marked as Glue marks one whose files are gone; one that is marked already stays as it is."""
    if DEPRECATED_BY in table.parameters:
        return table
    return replace(table, parameters=table.parameters | {DEPRECATED_BY: str(int(time() * 1000))})


def _as_known_to_be(known: Table, found: Table, *, unchanged: bool) -> Table:
    """What was found from samples, with what is known from reading all records of the same files."""
    if SAMPLED not in found.parameters:
        return found
    if known.files and not set(known.files).isdisjoint(found.files):
        types = {column.name: column.type for column in known.columns}
        columns = tuple(
            replace(column, type=widest((column.type, types.get(column.name, "")))) for column in found.columns
        )
        found = replace(found, columns=columns)
    if SAMPLED in known.parameters or not unchanged or known.files != found.files:
        return found
    if {column.name for column in known.columns} != {column.name for column in found.columns}:
        return found
    counts = {name: known.parameters[name] for name in COUNTS if name in known.parameters}
    parameters = {name: value for name, value in found.parameters.items() if name != SAMPLED} | counts
    return replace(found, parameters=parameters)


def _merged(known: Table, found: Table) -> tuple[Table, list[str]]:
    """Glue's MergeNewColumns: columns are added, none is dropped or gets another type."""
    for name in ("classification", "compressionType", "delimiter"):
        before, now = known.parameters.get(name), found.parameters.get(name)
        if before != now:
            return deprecated(known), [_cannot_merge(known, name, before, now)]
    new = [column for column in found.columns if column.name not in known.column_names]
    return replace(found, columns=(*known.columns, *new)), []


def _cannot_merge(known: Table, name: str, before: str | None, now: str | None) -> str:
    return (
        f"Cannot merge new columns into the table {known.name} as defined in the Data Catalog because the parameter "
        f"'{name}' has changed. The existing value is '{before}', and the crawled value is '{now}'. The table is "
        "marked as deprecated; crawl into another database, or delete the table."
    )


def _kept(known: Table, found: Table) -> tuple[Table, list[str]]:
    """UpdateBehavior LOG: the columns stay, new files and partitions are added."""
    if _told(known) == _told(found):
        return found, []
    text = f"Table {known.qualified_name}: its files have {_difference(known, found)}. It stays as it is (LOG)."
    if found.classification != known.classification:
        return known, [text]
    return replace(found, columns=known.columns), [text]


def _vanished(known: Table, found: Table) -> list[str]:
    gone = [name for name in known.column_names if name not in found.column_names]
    version = known.version_id
    return [
        f"Column '{name}' of {known.qualified_name} is in none of its files any more and leaves the table; version "
        f"{version} still tells of it."
        for name in gone
    ]


def _moved(known: Table, found: Table) -> list[str]:
    if known.location == found.location:
        return []
    return [f"Table {known.qualified_name} was at '{known.location}' and is at '{found.location}' now."]


def _difference(known: Table, found: Table) -> str:
    if known.classification != found.classification:
        return f"the format {found.classification}, not {known.classification}"
    new, gone = (_names(one.columns, other.columns) for one, other in ((found, known), (known, found)))
    changed = [
        f"{column.name} {column.type}"
        for column in found.columns
        if column.type not in {"", *(each.type for each in known.columns if each.name == column.name)}
        and column.name in known.column_names
    ]
    parts = [("new columns", new), ("no more columns", gone), ("other types", changed)]
    return "; ".join(f"{what}: {', '.join(names)}" for what, names in parts if names) or "other parameters"


def _names(columns: Sequence[Column], others: Sequence[Column]) -> list[str]:
    known = {column.name for column in others}
    return [column.name for column in columns if column.name not in known]


def _told(table: Table) -> tuple[object, ...]:
    return table.classification, [(column.name, column.type) for column in table.columns]
