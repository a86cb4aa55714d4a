"""What crawling finds out about the records of one or several files."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from crawling.names import column_names
from crawling.types import STRING
from errors import InvalidInputError


@dataclass(frozen=True)
class CrawledColumn:
    """A column: its name and type in the catalog, and how the file spells its name."""

    name: str
    type: str
    source_name: str


@dataclass(frozen=True)
class CrawledRecords:
    """The columns and the exact number of the records; `parameters` are what a reader of this format must know."""

    columns: tuple[CrawledColumn, ...]
    count: int
    parameters: dict[str, str] = field(default_factory=dict)


def typed_columns(source_names: Sequence[str], types: dict[str, str], path: str) -> tuple[CrawledColumn, ...]:
    """Give the columns of a file that names them itself (JSON, Parquet) their catalogued names and types."""
    if not source_names:
        raise InvalidInputError(f"The records of '{path}' have no columns. Give records with at least one.")
    if not all(name.strip() for name in source_names):
        raise InvalidInputError(f"A column of '{path}' has no name. Name it and crawl again.")
    names = column_names(source_names, path)
    return tuple(
        CrawledColumn(name, types.get(source, STRING), source) for name, source in zip(names, source_names, strict=True)
    )


def refuse_other_columns(path: str, found: Sequence[str], first_path: str, wanted: Sequence[str]) -> None:
    """Raise when a file's columns are not those of the first file, and say which are missing or more."""
    missing = [repr(name) for name in wanted if name not in found]
    more = [repr(name) for name in found if name not in wanted]
    differences = [
        f"{what} {', '.join(names[:5])}{' …' * (len(names) > 5)}"
        for what, names in (("it lacks", missing), ("it has", more))
        if names
    ]
    raise_other_file(path, first_path, " and ".join(differences) or "the same columns stand in another order")


def raise_other_file(path: str, first_path: str, difference: str) -> None:
    """Raise because a file cannot belong to one table with the first."""
    raise InvalidInputError(
        f"'{path}' cannot be in one table with '{first_path}': {difference}. Crawl it from a folder of its own."
    )
