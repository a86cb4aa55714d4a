"""What a catalogued table is, and the row of the catalog that holds it."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Column:
    """A column: its name and type in the catalog, and how the file spells its name."""

    name: str
    type: str
    source_name: str


@dataclass(frozen=True)
class Layout:
    """Files of a table that are read alike: their columns in the files' order, and how they are written."""

    columns: tuple[Column, ...]
    parameters: dict[str, str]
    files: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """A catalogued table: `files` are read in this order; `parameters` are Glue's, all texts.

    `partition_keys` name the folders between the location and the files; they are columns of type string, after the
    others. Where the files are read in different ways, they are read layout after layout.
    """

    database_name: str
    name: str
    location: str
    classification: str
    columns: tuple[Column, ...]
    parameters: dict[str, str]
    files: tuple[str, ...]
    version_id: int = 0
    create_time: datetime | None = None
    update_time: datetime | None = None
    partition_keys: tuple[str, ...] = ()
    layouts: tuple[Layout, ...] = ()

    @property
    def qualified_name(self) -> str:
        """The name with its database: `default.people`."""
        return f"{self.database_name}.{self.name}"

    @property
    def all_columns(self) -> tuple[Column, ...]:
        """The columns, the partition columns last."""
        return *self.columns, *(Column(key, "string", "") for key in self.partition_keys)

    @property
    def column_names(self) -> tuple[str, ...]:
        """The names of all columns in the catalog, in order."""
        return tuple(column.name for column in self.all_columns)


def table_row(table: Table) -> dict[str, Any]:
    """The row of a table, for the tables `tables` and `table_versions`."""
    return {
        "database_name": table.database_name,
        "name": table.name,
        "version_id": table.version_id,
        "location": table.location,
        "classification": table.classification,
        "columns_json": json.dumps([asdict(column) for column in table.columns]),
        "parameters_json": json.dumps(table.parameters),
        "files_json": json.dumps(table.files),
        "partition_keys_json": json.dumps(table.partition_keys),
        "layouts_json": json.dumps([asdict(layout) for layout in table.layouts]),
        "create_time": table.create_time,
        "update_time": table.update_time,
    }


def table_of_row(row: dict[str, Any]) -> Table:
    """The table of a row."""
    return Table(
        database_name=row["database_name"],
        name=row["name"],
        location=row["location"],
        classification=row["classification"],
        columns=columns_of(json.loads(row["columns_json"])),
        parameters=json.loads(row["parameters_json"]),
        files=tuple(json.loads(row["files_json"])),
        version_id=row["version_id"],
        create_time=row["create_time"],
        update_time=row["update_time"],
        partition_keys=tuple(json.loads(row["partition_keys_json"] or "[]")),
        layouts=tuple(
            Layout(columns_of(layout["columns"]), layout["parameters"], tuple(layout["files"]))
            for layout in json.loads(row["layouts_json"] or "[]")
        ),
    )


def columns_of(told: Iterable[dict[str, str]]) -> tuple[Column, ...]:
    """Columns as they were told in JSON."""
    return tuple(Column(**column) for column in told)
