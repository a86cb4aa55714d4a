"""Keys that were changed after a labeling set left us, as a spreadsheet does to long numbers and leading zeros."""

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gates.report import shortened

if TYPE_CHECKING:
    import pandas as pd

Record = Mapping[str, str | None]


def changed_keys(
    rows: "pd.DataFrame", generated_sets: Mapping[str, Mapping[str, Record]], primary_key: str
) -> dict[Any, str]:
    """Return, for every row of a generated labeling set whose key is not the one it left with, what is wrong with it.

    `generated_sets` holds the records of each set by key, in the order in which they were written. A row is also wrong
    when its key is one of the set's but all its values are those of another: then a column was sorted without the rest.
    """
    generated = rows[rows["labeling_set_id"].isin(list(generated_sets))]
    wrong: dict[Any, str] = {}
    for set_id, part in generated.groupby("labeling_set_id", sort=False):
        wrong |= _changed_in_set(str(set_id), part.to_dict("index"), generated_sets[str(set_id)], primary_key)
    return wrong


def _changed_in_set(
    set_id: str, rows: Mapping[Any, Mapping[Any, Any]], records: Mapping[str, Record], primary_key: str
) -> dict[Any, str]:
    absent = set(records) - {row[primary_key] for row in rows.values()}
    in_place = list(records) if len(records) == len(rows) else [None] * len(rows)
    wrong = {}
    for (line, row), expected in zip(rows.items(), in_place, strict=True):
        key = row[primary_key]
        if not isinstance(key, str):
            continue
        if key not in records and not absent:
            wrong[line] = f"key '{key}' is no record of labeling set '{set_id}'; give rows you add a set of their own"
        elif probable := _probable_keys(row, records, absent, primary_key, expected):
            wrong[line] = f"key '{key}' was changed; labeling set '{set_id}' was generated with {_either(probable)}"
    return wrong


def _either(keys: Sequence[str]) -> str:
    one_of = "one of " if len(keys) > 1 else ""
    return one_of + shortened(keys[:3], len(keys), mark="'")


def _probable_keys(
    row: Mapping[Any, Any],
    records: Mapping[str, Record],
    absent: Collection[str],
    primary_key: str,
    expected: str | None,
) -> list[str]:
    """Return the keys that the row had when it was written, best guesses only; none when its key is its own."""
    columns = [name for name in row if name != primary_key]
    key = row[primary_key]
    if key in records:
        if _same(row, records[key], columns):
            return []
        return [other for other, record in records.items() if _same(row, record, columns)]
    fits = {
        other: (_agreement(row, record, columns), other == expected)
        for other, record in records.items()
        if other in absent
    }
    return [other for other, fit in fits.items() if fit == max(fits.values())]


def _same(row: Mapping[Any, Any], record: Record, columns: Collection[str]) -> bool:
    shared = [name for name in columns if name in record]
    return _agreement(row, record, shared) > 0 and all(_text(row[name]) == _text(record[name]) for name in shared)


def _agreement(row: Mapping[Any, Any], record: Record, columns: Collection[str]) -> int:
    """Return in how many columns the row holds the record's value; two empty cells agree on nothing."""
    return sum(_text(row[name]) == _text(record.get(name)) != "" for name in columns)


def _text(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""
