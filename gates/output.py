"""The gate that matches pass before anybody sees them: every record once, with an id, scores between 0 and 1."""

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from gates.report import MOST_NAMED, GateResult, shortened
from gates.validation import Check, expectations, validate

if TYPE_CHECKING:
    import pandas as pd

MATCH_ID, SCORE, NEW = "match_id", "match_confidence_score", "a key that was not in the input"
COMPLETE, UNIQUE, KNOWN = "the output has as many rows as the input", "no record is there twice", "no record is new"
KEYED, PRESENT, INTEGER = "every row has a key", "every row has a match_id", "match_id is an integer"
IN_RANGE = "match_confidence_score is from 0 to 1"
_BROKEN = {
    COMPLETE: "the output has not as many rows as the input",
    UNIQUE: "records are there twice",
    KNOWN: "records were not in the input",
    KEYED: "rows have no key",
    PRESENT: "match_id is empty",
    INTEGER: "match_id is not an integer",
    IN_RANGE: "match_confidence_score is not from 0 to 1",
}


def check_output(frame: "pd.DataFrame", expected_keys: Collection[str]) -> GateResult:
    """Judge the matches; the first column is the primary key, then `match_id` and, if wanted, `match_confidence_score`.

    `expected_keys` are the keys of the input, each once. Problems name keys.
    """
    primary_key = str(frame.columns[0])
    if MATCH_ID not in frame:
        missing_column = {"name": PRESENT, "success": False, "unexpected_count": len(frame)}
        return GateResult(False, (f"column '{MATCH_ID}' is missing",), (missing_column,))
    checked = _checkable(frame, primary_key, expected_keys)
    checks = validate(checked, _expected(checked, primary_key, len(expected_keys)))
    problems = [_problem(check, frame[primary_key]) for check in checks if not check.success]
    if problems:
        problems += _missing(frame[primary_key], expected_keys)
    return GateResult(not problems, tuple(problems), tuple(check.as_dict() for check in checks))


def _checkable(frame: "pd.DataFrame", primary_key: str, expected_keys: Collection[str]) -> "pd.DataFrame":
    """Return the judged columns with rows numbered from 0 and integers of any kind as Great Expectations knows them."""
    import pandas as pd

    checked = frame[[name for name in (primary_key, MATCH_ID, SCORE) if name in frame]].reset_index(drop=True)
    if pd.api.types.is_integer_dtype(checked[MATCH_ID].dtype) and checked[MATCH_ID].notna().all():
        checked[MATCH_ID] = checked[MATCH_ID].astype("int64")
    expected = set(expected_keys)
    checked[NEW] = [None if key in expected else key for key in checked[primary_key]]
    return checked


def _expected(checked: "pd.DataFrame", primary_key: str, rows: int) -> list[Any]:
    gxe = expectations()
    expected = [
        gxe.ExpectTableRowCountToEqual(value=rows, description=COMPLETE),
        gxe.ExpectColumnValuesToNotBeNull(column=primary_key, description=KEYED),
        gxe.ExpectColumnValuesToBeUnique(column=primary_key, description=UNIQUE),
        gxe.ExpectColumnValuesToBeNull(column=NEW, description=KNOWN),
        gxe.ExpectColumnValuesToNotBeNull(column=MATCH_ID, description=PRESENT),
        gxe.ExpectColumnValuesToBeInTypeList(column=MATCH_ID, type_list=["int64"], description=INTEGER),
    ]
    if SCORE in checked:
        expected.append(gxe.ExpectColumnValuesToBeBetween(column=SCORE, min_value=0, max_value=1, description=IN_RANGE))
    return expected


def _problem(check: Check, keys: "pd.Series[Any]") -> str:
    if not check.rows:
        return _BROKEN[check.name]
    if check.name == KEYED:
        return f"{_BROKEN[KEYED]}: row {shortened([row + 1 for row in check.rows], check.unexpected_count)}"
    named = shortened([keys.iloc[row] for row in check.rows], check.unexpected_count, mark="'")
    return f"{_BROKEN[check.name]}: {keys.name} {named}"


def _missing(keys: "pd.Series[Any]", expected_keys: Collection[str]) -> list[str]:
    there = set(keys)
    missing = [key for key in expected_keys if key not in there]
    named = shortened(missing[:MOST_NAMED], len(missing), mark="'")
    return [f"records are missing: {keys.name} {named}"] if missing else []
