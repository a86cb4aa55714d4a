"""The gate that a table passes before it is matched: the columns of the catalog, and a key of its own for every row."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from gates.report import GateResult, shortened
from gates.validation import Check, expectations, validate

if TYPE_CHECKING:
    import pandas as pd

COLUMNS, ROWS = "the columns are those of the catalog", "the table has rows"
PRESENT, UNIQUE = "every row has a primary key", "no two rows have the same primary key"


def check_input_table(frame: "pd.DataFrame", columns: Sequence[str], primary_key: str) -> GateResult:
    """Judge a table of text columns; rows are counted from 1 in the order of the frame.

    Only the key's values are looked at, so that a million rows take about a second whatever the number of columns.
    """
    gxe = expectations()
    named = validate(frame.head(0), [gxe.ExpectTableColumnsToMatchSet(column_set=list(columns), description=COLUMNS)])
    checks = named + (_check_keys(frame, primary_key) if primary_key in frame.columns else [])
    problems = [text for check in checks if not check.success for text in _problems(check, frame, columns, primary_key)]
    return GateResult(not problems, tuple(problems), tuple(check.as_dict() for check in checks))


def _check_keys(frame: "pd.DataFrame", primary_key: str) -> list[Check]:
    gxe = expectations()
    keys = frame[[primary_key]].set_axis(range(1, len(frame) + 1), axis="index")
    expected = [
        gxe.ExpectTableRowCountToBeBetween(min_value=1, description=ROWS),
        gxe.ExpectColumnValuesToNotBeNull(column=primary_key, description=PRESENT),
        gxe.ExpectColumnValuesToBeUnique(column=primary_key, description=UNIQUE),
    ]
    return validate(keys.mask(keys == ""), expected)


def _problems(check: Check, frame: "pd.DataFrame", columns: Sequence[str], primary_key: str) -> Iterable[str]:
    if check.name == COLUMNS:
        yield from (f"column '{name}' of the catalog is not in the table" for name in columns if name not in frame)
        yield from (f"column '{name}' is not in the catalog" for name in frame.columns if name not in columns)
    elif check.name == ROWS:
        yield "the table has no rows"
    elif check.name == PRESENT:
        yield f"primary key '{primary_key}' is empty in row {shortened(check.rows, check.unexpected_count)}"
    else:
        rows = [f"{row} ('{frame[primary_key].iloc[row - 1]}')" for row in check.rows]
        yield f"primary key '{primary_key}' is not unique in row {shortened(rows, check.unexpected_count)}"
