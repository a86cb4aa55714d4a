"""Whether a CSV file begins with a header, by AWS Glue's rule."""

from collections.abc import Sequence

from crawling.names import is_column_name
from crawling.types import possible_types

LONGEST_HEADER_CELL = 149  # letters


def could_be_header(record: Sequence[str]) -> bool:
    """Whether a first record could name columns: no number, date or boolean in it, only short one-line texts.

    A cell may be empty (an index column, a delimiter at the end of the line), but not all. The last cell may be long.

    >>> could_be_header(["id", "name"]), could_be_header(["17", "Ada"])
    (True, False)
    """
    names = [cell.strip() for cell in record]
    are_texts = all(not possible_types([name]) and is_column_name(name) for name in names if name)
    return any(names) and are_texts and all(len(name) <= LONGEST_HEADER_CELL for name in names[:-1])


def has_header(records: Sequence[Sequence[str]]) -> bool:
    """Whether the first record is a header: it could be one, and below it some column is not text.

    Where every column is text, a header cannot be told from a record, and Glue says there is none.

    >>> has_header([["id", "name"], ["17", "Ada"]]), has_header([["first", "last"], ["Ada", "Lovelace"]])
    (True, False)
    """
    return bool(records) and could_be_header(records[0]) and not only_text(records[1:])


def only_text(records: Sequence[Sequence[str]]) -> bool:
    """Whether no column holds values of another type than string throughout; an empty column counts as text."""
    columns = zip(*records, strict=False)
    return not any(any(column) and possible_types(column) for column in columns)


def repeats_below(header: Sequence[str], records: Sequence[Sequence[str]]) -> bool:
    """Whether some cell of a first record stands again below in its own column, as names of columns do not.

    >>> repeats_below(["city", "name"], [["Rome", "Ada"]]), repeats_below(["Rome", "Ada"], [["Rome", "Bob"]])
    (False, True)
    """
    columns = zip(*records, strict=False)
    return any(cell and cell in column for cell, column in zip(header, columns, strict=False))


def names_columns(record: Sequence[str]) -> bool:
    """Whether every cell of a first record can be a name of its own: none is empty, no two are equal.

    >>> names_columns(["first", "last"]), names_columns(["", "Ada"]), names_columns(["Ada", "ada"])
    (True, False, False)
    """
    names = [cell.strip().lower() for cell in record]
    return all(names[:-1]) and len(set(names)) == len(names)
