"""Files of one table that are read in the same way: one layout of columns and of writing."""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from crawling.columns import CrawledColumn
from crawling.file_schema import FileSchema
from crawling.widen import UNSEEN, known_type, widest


@dataclass(frozen=True)
class CrawledLayout:
    """Files that are read alike, with the columns as these files have them, and `count` records in all.

    `parameters` say how they are read; `exact` says that every record was read for the types and the count.
    """

    schemas: tuple[FileSchema, ...]
    columns: tuple[CrawledColumn, ...]
    parameters: dict[str, str]
    count: int
    exact: bool

    @property
    def files(self) -> tuple[str, ...]:
        """The paths of the files."""
        return tuple(schema.file.path for schema in self.schemas)


def layouts_of(schemas: Iterable[FileSchema]) -> list[CrawledLayout]:
    """Divide the files of one table into as few layouts as can be, in the order of their first files."""
    together: dict[Hashable, list[FileSchema]] = defaultdict(list)
    spellings: list[dict[str, str]] = []
    for schema in schemas:
        together[_key(schema, spellings)].append(schema)
    return [_layout(files) for files in together.values()]


def merged_columns(layouts: Sequence[CrawledLayout]) -> tuple[CrawledColumn, ...]:
    """All columns of a table, in the order in which they appear, each in a type that holds all its values."""
    columns = widened(column for layout in layouts for column in layout.columns)
    return tuple(replace(column, type=known_type(column.type)) for column in columns)


def widened(columns: Iterable[CrawledColumn]) -> list[CrawledColumn]:
    """One column for each name, the first in its widest type."""
    found: dict[str, CrawledColumn] = {}
    for column in columns:
        known = found.setdefault(column.name, column)
        if known.type != column.type:
            found[column.name] = replace(known, type=widest((known.type, column.type)))
    return list(found.values())


def drifts(schemas: Sequence[FileSchema], columns: Sequence[CrawledColumn]) -> Iterator[tuple[str, str]]:
    """The files in which a column has another type than in most, and what to know of it."""
    types: dict[str, Counter[str]] = defaultdict(Counter)
    for schema in schemas:
        for column in schema.columns:
            if column.type != UNSEEN:
                types[column.name][column.type] += 1
    usual = {name: counts.most_common(1)[0][0] for name, counts in types.items() if len(counts) > 1}
    table_types = {column.name: column.type for column in columns}
    for schema in schemas if usual else ():
        for column in schema.columns:
            most = usual.get(column.name, column.type)
            if column.type not in {UNSEEN, most}:
                has = f"the table has {table_types[column.name]}"
                yield schema.file.path, f"column '{column.name}' is {column.type} here, {most} in most files; {has}."


def _key(schema: FileSchema, spellings: list[dict[str, str]]) -> Hashable:
    """What files of one layout have in common."""
    if schema.classification == "csv":
        told = ("delimiter", "quoteChar", "skip.header.line.count")
        names = tuple((column.name, column.source_name) for column in schema.columns)
        return names, tuple(schema.parameters.get(name) for name in told)
    if schema.classification == "json":
        return _spelling(schema, spellings)
    return frozenset((column.source_name, column.type) for column in schema.columns)


def _spelling(schema: FileSchema, spellings: list[dict[str, str]]) -> int:
    """The first set of spellings that goes with those of a JSON file's keys, which join it."""
    names = {column.name: column.source_name for column in schema.columns}
    for number, known in enumerate(spellings):
        if all(known.get(name, source) == source for name, source in names.items()):
            known.update(names)
            return number
    spellings.append(names)
    return len(spellings) - 1


def _layout(schemas: Sequence[FileSchema]) -> CrawledLayout:
    different = dict.fromkeys(schema.columns for schema in schemas)
    columns = widened(column for columns in different for column in columns)
    quoted = any(schema.parameters.get("areColumnsQuoted") == "true" for schema in schemas)
    first = schemas[0].parameters
    parameters = first | ({"areColumnsQuoted": "true"} if quoted else {})
    count = sum(schema.records for schema in schemas)
    return CrawledLayout(tuple(schemas), tuple(columns), parameters, count, all(schema.whole for schema in schemas))
