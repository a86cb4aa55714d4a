"""How stored files are read as records: the FROM clauses that crawling and the catalog share.

Every column comes out as text. DuckDB's own guessing is off throughout, because its guesses look at a sample and the
file's name, and some of its defaults lose records:

- `parallel=false`: DuckDB 2.0's parallel reader drops, without a word, what follows a broken record far down in a
  large file, and refuses whole files for line breaks inside quotes. One thread parses; the query after it uses all.
- `strict_mode` stays on: without it `"Foo" Bar` is read as `Foo Ba`.
- `skip` instead of `header`: a blank first line would be taken for the header.
- `hive_partitioning=false`: a folder called year=2017 would become a column, whatever the catalog says of it.
"""

from collections.abc import Iterable

from storage.duck import file_list, literal


def csv_source(
    files: Iterable[str],
    column_names: Iterable[str],
    *,
    delimiter: str = ",",
    quote: str = '"',
    skip_lines: int = 0,
    compression: str = "none",
    filename: str = "",
) -> str:
    """Read CSV files one after the other, in this order; an empty cell is NULL, quoted or not.

    `quote` doubled inside quotes stands for itself; '' means that quotes are ordinary characters. `skip_lines` are
    the lines above the first record of every file; `compression` is none or gzip. A record with too few or too many
    cells, or longer than 2 MB, is an error when it is read.
    """
    options = {
        "columns": _as_text(column_names),
        "delim": literal(delimiter),
        "quote": literal(quote),
        "escape": literal(quote),
        "skip": str(skip_lines),
        "compression": literal(compression),
        "nullstr": "''",
        "header": "false",
        "auto_detect": "false",
        "parallel": "false",
        "hive_partitioning": "false",
    }
    return _reader("read_csv", files, options | _with_filename(filename))


def json_source(files: Iterable[str], keys: Iterable[str], *, compression: str = "none", filename: str = "") -> str:
    """Read JSON objects (one a line, in an array, or one after the other); a key that a record lacks is NULL.

    Keys are case sensitive. Nested values come as JSON text.
    """
    options = {"columns": _as_text(keys), "auto_detect": "false", **_json_options(compression)}
    return _reader("read_json", files, options | _with_filename(filename))


def json_objects(files: Iterable[str], *, compression: str = "none") -> str:
    """Read JSON records whole, one column `json`."""
    return _reader("read_json_objects", files, _json_options(compression))


def json_values(files: Iterable[str], *, compression: str = "none") -> str:
    """Read JSON records with the types that hold for all of them, found by reading every record twice."""
    everything = {"sample_size": "-1", "maximum_sample_files": str(2**31), "map_inference_threshold": "-1"}
    return _reader("read_json", files, {**everything, **_json_options(compression)})


def parquet_source(files: Iterable[str], *, same_columns: bool = False, filename: str = "") -> str:
    """Read Parquet files in their own types, columns put together by name, each in the widest type of all files.

    Files that all have the `same_columns`, of the same types, need not all be opened before the first is read.
    """
    options = {"union_by_name": str(not same_columns).lower(), "hive_partitioning": "false"}
    return _reader("read_parquet", files, options | _with_filename(filename))


def _with_filename(column: str) -> dict[str, str]:
    """The option that adds a column with the path of the file that a record stands in."""
    return {"filename": literal(column)} if column else {}


def _json_options(compression: str) -> dict[str, str]:
    return {"format": "'auto'", "compression": literal(compression), "hive_partitioning": "false"}


def _as_text(names: Iterable[str]) -> str:
    return "{" + ", ".join(f"{literal(name)}: 'VARCHAR'" for name in names) + "}"


def _reader(function: str, files: Iterable[str], options: dict[str, str]) -> str:
    settings = ", ".join(f"{name} = {value}" for name, value in options.items())
    return f"{function}({file_list(files)}, {settings})"
