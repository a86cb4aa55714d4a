"""Tables of which a crawl read only the beginnings: all records are read before a step relies on them."""

import logging
from collections.abc import Sequence
from dataclasses import replace

from catalog.database import Catalog
from catalog.snapshots import settled
from catalog.table import Column, Layout, Table
from catalog.tables import register_table
from crawling.assemble import SAMPLED
from crawling.columns import CrawledColumn
from crawling.file_schema import FileSchema
from crawling.layouts import CrawledLayout, merged_columns
from crawling.whole import checked_whole
from errors import InvalidInputError
from storage.copies import Copies
from storage.files import StoredFile, list_files
from storage.workspace import Workspace

log = logging.getLogger("findmatches.tasks")


def checked_table(workspace: Workspace, table: Table) -> Table:
    """The table with types and counts that hold for all its records, in the catalog too.

    Reads every record of a table of which a crawl knows only samples, once; another is returned as it is. Types only
    get wider, and keys of JSON that come late become columns. A file that does not hold what its beginning promises
    is an error: nothing may be lost. A table that is no file comes with its rows as they are now.
    """
    table = settled(Copies(workspace.copies), table)
    if SAMPLED not in table.parameters:
        return table
    log.info("reading all records of %s, of which the crawl read the beginnings", table.qualified_name)
    copies = Copies(workspace.copies)
    layouts = [checked_whole(layout, copies) for layout in _layouts(table)]
    checked = register_table(Catalog.of(workspace), _with(table, layouts))
    for before, now in zip(table.columns, checked.columns, strict=False):
        if before.type != now.type:
            log.warning(
                "Column '%s' of %s is %s, not %s as its first records said.",
                *(now.name, table.qualified_name, now.type, before.type),
            )
    return checked


def _layouts(table: Table) -> list[CrawledLayout]:
    files = {file.path: file for file in list_files(table.location)}
    parts = table.layouts or (Layout(table.columns, table.parameters, table.files),)
    return [_layout(table, part, files) for part in parts]


def _layout(table: Table, part: Layout, files: dict[str, StoredFile]) -> CrawledLayout:
    columns = tuple(CrawledColumn(column.name, column.type, column.source_name) for column in part.columns)
    compression = table.parameters.get("compressionType") or "none"
    schemas = tuple(
        FileSchema(_there(files, path), table.classification, compression, columns, part.parameters)
        for path in part.files
    )
    return CrawledLayout(schemas, columns, part.parameters, 0, exact=False)


def _there(files: dict[str, StoredFile], path: str) -> StoredFile:
    if path not in files:
        raise InvalidInputError(f"No file at '{path}'. Put it back, or crawl again if it moved.")
    return files[path]


def _with(table: Table, layouts: Sequence[CrawledLayout]) -> Table:
    known = [CrawledColumn(column.name, column.type, column.source_name) for column in table.columns]
    like = replace(layouts[0], columns=tuple(known))
    columns = tuple(Column(each.name, each.type, each.source_name) for each in merged_columns([like, *layouts]))
    count = sum(layout.count for layout in layouts)
    size = sum(schema.file.size for layout in layouts for schema in layout.schemas)
    parameters = {name: value for name, value in table.parameters.items() if name != SAMPLED}
    parameters |= {"recordCount": str(count), "averageRecordSize": str(round(size / max(1, count)))}
    if not table.layouts:
        parameters |= layouts[0].parameters
        parameters.pop(SAMPLED, None)
        return replace(table, columns=columns, parameters=parameters)
    parts = tuple(
        Layout(tuple(Column(c.name, c.type, c.source_name) for c in layout.columns), layout.parameters, layout.files)
        for layout in layouts
    )
    return replace(table, columns=columns, parameters=parameters, layouts=parts)
