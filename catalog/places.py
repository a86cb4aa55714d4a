"""Where the catalog is: a DuckDB file in the workspace, one elsewhere, or a database of PostgreSQL."""

import os
from pathlib import Path

from errors import InvalidInputError

VARIABLE = "FINDMATCHES_CATALOG"
EXAMPLE = "postgresql://USER:PASSWORD@HOST:5432/DATABASE"
WRITE_IT = f"Write it like {EXAMPLE}, or as the path of a file that ends in .duckdb"


def named_catalog() -> str:
    """What FINDMATCHES_CATALOG says; empty where the catalog is that of the workspace."""
    return os.environ.get(VARIABLE, "").strip()


def is_address(place: str) -> bool:
    """Whether a place is that of a server, and not a path.

    >>> is_address("postgresql://ada@db/team"), is_address("/data/team.duckdb")
    (True, False)
    """
    return "://" in place


def catalog_file(place: str) -> Path:
    """The path of the DuckDB file that FINDMATCHES_CATALOG names.

    Whatever has another ending is refused, and not repeated: it may be an address with a slip, and a password in it.
    """
    path = Path(place).expanduser()
    if path.suffix != ".duckdb" or path.is_dir():
        raise InvalidInputError(f"{VARIABLE} names neither a database nor a file of DuckDB. {WRITE_IT}.")
    return path.absolute()


def elsewhere() -> str:
    """How people name another catalog."""
    return f"name another catalog in {VARIABLE}" if named_catalog() else "name another workspace in FINDMATCHES_HOME"
