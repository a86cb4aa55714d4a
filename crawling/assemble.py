"""From groups of files to the descriptions of tables."""

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace

from crawling.file_schema import FileSchema
from crawling.grouping import FileGroup
from crawling.layouts import CrawledLayout, merged_columns, widened
from crawling.partitions import partition_keys, partition_values
from crawling.rules import CrawlRules
from crawling.table import CrawledPartition, CrawledTable, TableLayout
from crawling.widen import known_type

SAMPLED = "findmatches.sampled"  # the parameter of a table whose records were not all read


def table_of(group: FileGroup, name: str, layouts: Sequence[CrawledLayout], rules: CrawlRules) -> CrawledTable:
    """Describe the table of a group whose files are read in these layouts."""
    columns = merged_columns(layouts)
    schemas = [schema for layout in layouts for schema in layout.schemas]
    files = tuple(sorted(schema.file.path for schema in schemas))
    names = [column.name for column in columns]
    keys = partition_keys(group.location, files, names) if group.location.endswith("/") else ()
    made = CrawledTable(
        name,
        group.location,
        schemas[0].classification,
        columns,
        _parameters(layouts, rules),
        files,
        partition_keys=keys,
        layouts=_different(layouts),
    )
    return replace(made, partitions=tuple(_partitions(made, schemas))) if keys else made


def _partitions(table: CrawledTable, schemas: Sequence[FileSchema]) -> Iterator[CrawledPartition]:
    """The folders of a partitioned table that have files; counts add up to those of the table where it was sampled."""
    folders: dict[str, list[FileSchema]] = defaultdict(list)
    for schema in schemas:
        folders[f"{schema.file.path.rpartition('/')[0]}/"].append(schema)
    for folder, inside in sorted(folders.items()):
        values = partition_values(table.location, inside[0].file.path, table.partition_keys)
        different = dict.fromkeys(schema.columns for schema in inside)
        columns = widened(column for columns in different for column in columns)
        known = tuple(replace(column, type=known_type(column.type)) for column in columns)
        yield CrawledPartition(folder, values, known, inside[0].parameters | counts_of(inside))


def counts_of(schemas: Sequence[FileSchema], records: int | None = None) -> dict[str, str]:
    """Glue's counts of files, records and bytes as stored; `records` where they are known better."""
    size = sum(schema.file.size for schema in schemas)
    count = sum(schema.records for schema in schemas) if records is None else records
    return {
        "objectCount": str(len(schemas)),
        "recordCount": str(count),
        "averageRecordSize": str(round(size / max(1, count))),
        "sizeKey": str(size),
    }


def _different(layouts: Sequence[CrawledLayout]) -> tuple[TableLayout, ...]:
    """The layouts of a table that has more than one; a single one says no more than the table does."""
    if len(layouts) == 1:
        return ()
    return tuple(TableLayout(layout.columns, layout.parameters, layout.files) for layout in layouts)


def _parameters(layouts: Sequence[CrawledLayout], rules: CrawlRules) -> dict[str, str]:
    """The parameters Glue's crawler writes for every table; sizes in bytes, as stored."""
    schemas = [schema for layout in layouts for schema in layout.schemas]
    largest = max(layouts, key=lambda layout: len(layout.schemas))
    parameters = {
        "CrawlerSchemaDeserializerVersion": "1.0",
        "CrawlerSchemaSerializerVersion": "1.0",
        "classification": schemas[0].classification,
        "compressionType": schemas[0].compression,
        "typeOfData": "file",
        **counts_of(schemas, sum(layout.count for layout in layouts)),
        **largest.parameters,
    }
    if rules.exclusions:
        parameters["exclusions"] = json.dumps(rules.exclusions)
    if not all(layout.exact for layout in layouts):
        parameters[SAMPLED] = "true"
    return parameters
