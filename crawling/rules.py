"""What a person may ask of a crawl: how files are read, and how they become tables."""

from dataclasses import dataclass

from errors import InvalidInputError


@dataclass(frozen=True)
class CsvRule:
    """How CSV files are written, said beforehand: what is None is found out.

    `header` says whether the first record names the columns, `names` names them in any case, and `types` are their
    types in the catalog. `allow_single_column` lets a file without any delimiter be a table of one column.
    """

    delimiter: str | None = None
    quote: str | None = None
    header: bool | None = None
    names: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    allow_single_column: bool = False


@dataclass(frozen=True)
class CrawlRules:
    """How a crawl goes about its files.

    `csv` are tried in turn, the first that fits a file is used; without one that fits, all is found out. `exclusions`
    are globs below the path, `sample_size` is how many files of each folder are looked into, 1 to 249.
    `combine_compatible_schemas` makes one table of files of one format however different their columns are;
    `table_level` is the level of folders whose tables are wanted, 1 for those right in the bucket; more tables than
    `table_threshold` are an error. `glue` follows Glue's own rules where findmatches has better ones (docs/adr/0018).
    """

    csv: tuple[CsvRule, ...] = ()
    exclusions: tuple[str, ...] = ()
    sample_size: int | None = None
    combine_compatible_schemas: bool = False
    table_level: int | None = None
    table_threshold: int | None = None
    glue: bool = False

    def __post_init__(self) -> None:
        if self.sample_size is not None and not 1 <= self.sample_size <= 249:
            raise InvalidInputError(f"The sample size must be between 1 and 249 files, and {self.sample_size} is not.")
        for name in ("table_level", "table_threshold"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise InvalidInputError(f"The {name.replace('_', ' ')} must be 1 or more, and {value} is not.")
