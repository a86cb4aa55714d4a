"""The gate that uploaded labels pass: every label is of a known record, in a labeling set, and contradicts no other."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from gates.changed_keys import Record, changed_keys
from gates.report import GateResult
from gates.validation import Check, expectations, validate

if TYPE_CHECKING:
    import pandas as pd

SET, LABEL = "labeling_set_id", "label"
CHANGED, RIGHT_KEY = "what was changed", "key that is right"
SOME_LABEL, IN_A_SET, KEYED = "some row has a label", "every label is in a labeling set", "every label has a key"
KNOWN, AS_GENERATED = "every key is in the table", "no key of a generated labeling set was changed"
ONE_LABEL = "every key has one label in its labeling set"
NO_LABEL = f"no row has a label. Write labels (A, B, ...) in column '{LABEL}' and import the file again"

Problems = list[tuple[Any, str]]


def check_labels(
    rows: "pd.DataFrame",
    known_keys: Collection[str],
    generated_sets: Mapping[str, Mapping[str, Record]],
    primary_key: str,
    columns: Sequence[str],
) -> GateResult:
    """Judge the rows of a labeling file; the frame's index are line numbers, its columns those of the file, as text.

    `known_keys` are the table's; `generated_sets` the records, by key, of the sets that we generated; `columns` what
    the file must have. Rows without a label are not judged: nothing of them is stored.
    """
    rows = rows.mask(rows == "")
    header = _check_header(rows, columns)
    if not header.passed:
        return header
    # The known ones of the file's keys judge it as well as all known keys do, and are few where a table has millions.
    known = [key for key in rows[primary_key].dropna().unique() if key in known_keys]
    labelled = _labelled(rows, known, changed_keys(rows, generated_sets, primary_key), primary_key)
    checks = validate(labelled, _expected(known, primary_key), most_rows=None)
    problems = sorted(_problems(checks, labelled, primary_key), key=lambda problem: problem[0])
    return GateResult(
        passed=all(check.success for check in checks),
        problems=tuple(text for _, text in problems),
        checks=header.checks + tuple(check.as_dict() for check in checks),
    )


def _labelled(
    rows: "pd.DataFrame", known: Collection[str], changed: Mapping[Any, str], primary_key: str
) -> "pd.DataFrame":
    """Return the rows that have a label, with what is wrong with their key; a good row that is repeated, once."""
    labelled = rows[rows[LABEL].notna()][[SET, LABEL, primary_key]]
    keys = labelled[primary_key]
    labelled[CHANGED] = [changed.get(line) for line in labelled.index]
    labelled[RIGHT_KEY] = keys.where(keys.isin(known) & labelled[CHANGED].isna())
    return labelled[labelled[RIGHT_KEY].isna() | ~labelled.duplicated()]


def _check_header(rows: "pd.DataFrame", columns: Sequence[str]) -> GateResult:
    gxe = expectations()
    expected = [gxe.ExpectColumnToExist(column=name, description=f"column '{name}' is in the file") for name in columns]
    checks = validate(rows.head(0), expected)
    missing = [name for name in columns if name in {check.column for check in checks if not check.success}]
    others = [str(name) for name in rows.columns if name not in columns]
    if len(missing) == len(columns):
        problems = [f"line 1 names none of the columns; it must be {','.join(columns)}"]
    else:
        problems = [f"line 1: column '{name}' is missing{_near(name, others)}" for name in missing]
    return GateResult(not missing, tuple(problems), tuple(check.as_dict() for check in checks))


def _near(name: str, others: Sequence[str]) -> str:
    near = get_close_matches(name, others, n=1)
    return f" (is it '{near[0]}'?)" if near else ""


def _expected(known: Sequence[str], primary_key: str) -> list[Any]:
    gxe = expectations()
    return [
        gxe.ExpectTableRowCountToBeBetween(min_value=1, description=SOME_LABEL),
        gxe.ExpectColumnValuesToNotBeNull(column=SET, description=IN_A_SET),
        gxe.ExpectColumnValuesToNotBeNull(column=primary_key, description=KEYED),
        gxe.ExpectColumnValuesToBeInSet(column=primary_key, value_set=list(known), description=KNOWN),
        gxe.ExpectColumnValuesToBeNull(column=CHANGED, description=AS_GENERATED),
        gxe.ExpectCompoundColumnsToBeUnique(
            column_list=[SET, RIGHT_KEY],
            ignore_row_if="any_value_is_missing",
            description=ONE_LABEL,
        ),
    ]


def _problems(checks: Iterable[Check], labelled: "pd.DataFrame", primary_key: str) -> Problems:
    """Return what is wrong with its line, so that people meet the problems in the order of the file."""
    found = {check.name: check for check in checks if not check.success}
    changed = {line: labelled[CHANGED][line] for line in _lines(found, AS_GENERATED)}
    place = f"column '{primary_key}'"
    problems: Problems = [(0, NO_LABEL)] if SOME_LABEL in found else []
    problems += [(line, f"line {line}: {_outside(labelled[LABEL][line])}") for line in _lines(found, IN_A_SET)]
    problems += [(line, f"line {line}, {place}: the key is empty") for line in _lines(found, KEYED)]
    unknown = [line for line in _lines(found, KNOWN) if line not in changed]
    problems += [(line, f"line {line}: unknown key '{labelled[primary_key][line]}' in {place}") for line in unknown]
    problems += [(line, f"line {line}, {place}: {what}") for line, what in changed.items()]
    return problems + _contradictions(labelled.loc[_lines(found, ONE_LABEL)], primary_key)


def _outside(label: object) -> str:
    return f"label '{label}' stands outside a labeling set, column '{SET}' is empty"


def _lines(found: Mapping[str, Check], name: str) -> list[Any]:
    return list(found[name].rows) if name in found else []


def _contradictions(rows: "pd.DataFrame", primary_key: str) -> Problems:
    problems = []
    for (set_id, key), group in rows.groupby([SET, primary_key], sort=False):
        lines = " and ".join(str(line) for line in group.index)
        labels = " and ".join(f"'{label}'" for label in group[LABEL])
        problems.append((group.index[0], f"lines {lines}: key '{key}' has labels {labels} in labeling set '{set_id}'"))
    return problems
