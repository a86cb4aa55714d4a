"""What people say of a transform's columns, where the data would say something else: their kinds."""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from errors import InvalidInputError, closest
from storage.files import read_bytes

KINDS = ("name", "text", "code", "number", "date", "category", "ignore")
FOUND = "auto"
_TABLE = "columns"


@dataclass(frozen=True)
class ColumnSettings:
    """The kinds of columns that were set; those of all others are found from the data.

    `kinds` maps a column to one of KINDS: "ignore" leaves it out of the comparison.  While settings are given,
    before they are checked, FOUND takes an earlier one back.
    """

    kinds: Mapping[str, str] = field(default_factory=dict)

    def changed_by(self, others: "ColumnSettings") -> "ColumnSettings":
        """Return these settings with `others` in the place of those for the same columns."""
        return ColumnSettings({**self.kinds, **others.kinds})

    def checked(self, table_name: str, columns: Sequence[str], not_compared: Sequence[str]) -> "ColumnSettings":
        """Return the settings with columns as the table spells them, or stop at a column or kind there is not.

        `not_compared` are the primary key and the source column: what those are is not asked.
        """
        spelled = {_spelled(name, table_name, columns): _known(kind) for name, kind in self.kinds.items()}
        for name in spelled.keys() & set(not_compared):
            raise InvalidInputError(
                f"Column '{name}' of table '{table_name}' is the primary key or the source column: it is not compared "
                "and has no kind. Leave it out."
            )
        return ColumnSettings({name: spelled[name] for name in columns if spelled.get(name, FOUND) != FOUND})


def read_column_settings(path: str) -> ColumnSettings:
    """Return the settings in a TOML file: a table `columns` with lines like `postcode = "code"`."""
    try:
        told: Any = tomllib.loads(read_bytes(path).decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InvalidInputError(f"'{path}' is not TOML: {error}. {_EXAMPLE}") from error
    unknown = sorted(told.keys() - {_TABLE})
    kinds = told.get(_TABLE)
    if unknown or not isinstance(kinds, dict) or not all(isinstance(kind, str) for kind in kinds.values()):
        what = f"has '{unknown[0]}'" if unknown else "does not hold a table 'columns' of texts"
        raise InvalidInputError(f"'{path}' {what}. {_EXAMPLE}")
    return ColumnSettings(kinds)


_EXAMPLE = 'It should be [columns], then a line for each column, as postcode = "code".'


def told_column_settings(pairs: Iterable[str]) -> ColumnSettings:
    """Return the settings written as COLUMN=KIND.

    >>> told_column_settings(["postcode=code", "a=b=ignore"]).kinds
    {'postcode': 'code', 'a=b': 'ignore'}
    """
    parted = [(pair, *pair.rpartition("=")) for pair in pairs]
    for pair, column, _, kind in parted:
        if not column.strip() or not kind.strip():
            raise InvalidInputError(f"'{pair}' is not a column and its kind. Write COLUMN=KIND, as postcode=code.")
    return ColumnSettings({column.strip(): kind.strip() for _, column, _, kind in parted})


def _spelled(wanted: str, table_name: str, columns: Sequence[str]) -> str:
    for name in (wanted, wanted.lower()):
        if name in columns:
            return name
    raise InvalidInputError(
        f"Table '{table_name}' has no column '{wanted}'.{closest(wanted, columns)} It has: {', '.join(columns)}."
    )


def _known(kind: str) -> str:
    known = (*KINDS, FOUND)
    if kind.lower() not in known:
        raise InvalidInputError(
            f"There is no column kind '{kind}'.{closest(kind, known)} There are: {', '.join(KINDS)};"
            f" {FOUND} leaves it to the data."
        )
    return kind.lower()
