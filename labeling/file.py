"""The labeling file: `labeling_set_id`, `label`, then every column of the table, one record a row, as AWS Glue has it.

A table column that is itself called `labeling_set_id` or `label` is left out: labels are kept by primary key, and one
name for two columns would let nobody say which is meant.
"""

import csv
import hashlib
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from errors import InvalidInputError, LabelsRefusedError, ResourceNumberLimitExceededError, counted
from labeling.cells import harmless, restored
from labeling.text import cells_of_any_length, decode, find_delimiter, records
from storage.files import list_files, read_bytes
from storage.publish import publishing

LABELING_SET_ID = "labeling_set_id"
LABEL = "label"
SIZE_LIMIT_MB = 10

logger = logging.getLogger("findmatches.labeling")


@dataclass(frozen=True)
class LabelingRow:
    """One record of a labeling file; `line` is its first line in a text editor, '' stands for an empty cell."""

    line: int
    labeling_set_id: str
    label: str
    primary_key: str
    values: Mapping[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True)
class LabelingFile:
    """A labeling file as it was read; `columns` are the wanted columns that it has, `extra_columns` the others."""

    path: str
    rows: tuple[LabelingRow, ...]
    columns: tuple[str, ...]
    extra_columns: tuple[str, ...]
    content_hash: str
    encoding: str
    delimiter: str


def labeling_columns(columns: Iterable[str]) -> list[str]:
    """Return the header of the labeling file of a table with these columns.

    >>> labeling_columns(["id", "name", "label"])
    ['labeling_set_id', 'label', 'id', 'name']
    """
    return [LABELING_SET_ID, LABEL, *(name for name in columns if name not in (LABELING_SET_ID, LABEL))]


def write_labeling_file(path: str, columns: Sequence[str], records: Iterable[Mapping[str, str | None]]) -> None:
    """Write records with their `labeling_set_id` and `label` under Glue's header, whole or not at all.

    `None` and '' become an empty cell; what a spreadsheet would calculate is made harmless.
    """
    header = labeling_columns(columns)
    with publishing(path) as target, target.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\r\n")  # Python 3.11 quotes a lone CR only under this terminator
        writer.writerow([harmless(name) for name in header])
        writer.writerows([harmless(record.get(name) or "") for name in header] for record in records)


def read_labeling_file(path: str, columns: Sequence[str], primary_key: str) -> LabelingFile:
    """Read a labeling file whatever an editor or spreadsheet did to its encoding, delimiter, header case or order.

    Nothing is judged but its shape: whether columns are missing or keys unknown is for the gate.
    """
    content = _content(path)
    text, encoding = decode(content, path)
    wanted = labeling_columns(columns)
    delimiter, header, rows = _table(text, wanted, path)
    places = _places(header, wanted, path)
    extra = tuple(name for place, name in enumerate(header) if place not in places.values() and name)
    logger.info("labels: %s in '%s' (%s, delimiter %r)", counted(len(rows), "row"), path, encoding, delimiter)
    return LabelingFile(
        path=path,
        rows=tuple(_row(line, cells, places, primary_key) for line, cells in rows),
        columns=tuple(name for name in wanted if name in places),
        extra_columns=extra,
        content_hash=hashlib.sha256(content).hexdigest(),
        encoding=encoding,
        delimiter=delimiter,
    )


def not_stored(path: str, problems: str) -> LabelsRefusedError:
    """Return the error that says why none of the labels of a file were stored."""
    return LabelsRefusedError(f"Labels in '{path}' were not stored: {problems.rstrip('.')}.")


def _content(path: str) -> bytes:
    stored = list_files(path)
    if len(stored) != 1:
        raise InvalidInputError(
            f"Invalid label file path. '{path}' holds {counted(len(stored), 'file')}; name one CSV file."
        )
    if stored[0].size > SIZE_LIMIT_MB * 1024 * 1024:
        raise ResourceNumberLimitExceededError(
            f"Label file has exceeded the limit of {SIZE_LIMIT_MB} MB. '{path}' has {stored[0].size / 1024**2:.1f} MB. "
            "Split it into files of whole labeling sets and import one after the other."
        )
    content = read_bytes(stored[0].path)
    if not content:
        raise InvalidInputError(f"Invalid label file of size 0. '{path}' is empty; save the labeling file again.")
    return content


def _table(text: str, wanted: list[str], path: str) -> tuple[str, list[str], list[tuple[int, list[str]]]]:
    """Return the delimiter, the header, names stripped and in lower case, and the numbered rows below it."""
    with cells_of_any_length():
        delimiter = find_delimiter(text, wanted)
        table = list(records(text, delimiter, refuse=lambda problem: not_stored(path, problem)))
    if not table:
        raise not_stored(path, "it holds only blank lines, line 1 must name the columns")
    header = [restored(name.strip()).lower() for name in table[0][1]]
    _refuse_surplus_cells(len(header), table[1:], path)
    return delimiter, header, table[1:]


def _refuse_surplus_cells(width: int, rows: list[tuple[int, list[str]]], path: str) -> None:
    """Refuse rows with more values than columns: an unquoted delimiter has moved every value after it."""
    wide = [(line, len(cells)) for line, cells in rows if any(cell.strip() for cell in cells[width:])]
    if wide:
        under = f"under {counted(width, 'column name')}"
        named = "; ".join(f"line {line} has {counted(count, 'value')} {under}" for line, count in wide[:10])
        more = f"; and {len(wide) - 10:,} more" if len(wide) > 10 else ""
        raise not_stored(path, f"{named}{more}. Put values that contain the delimiter in quotation marks")


def _places(header: list[str], wanted: list[str], path: str) -> dict[str, int]:
    """Return where each wanted column is; of two labels the first is the labeling file's, the other the table's."""
    for name in wanted:
        if header.count(name) > 1 and name not in (LABELING_SET_ID, LABEL):
            raise not_stored(path, f"line 1 names column '{name}' {header.count(name)} times; keep one")
    return {name: header.index(name) for name in wanted if name in header}


def _row(line: int, cells: list[str], places: dict[str, int], primary_key: str) -> LabelingRow:
    def cell(name: str) -> str:
        place = places.get(name, len(cells))
        return restored(cells[place]) if place < len(cells) else ""

    values = {name: cell(name) or None for name in places if name not in (LABELING_SET_ID, LABEL)}
    return LabelingRow(line, cell(LABELING_SET_ID).strip(), cell(LABEL).strip(), cell(primary_key), values)
