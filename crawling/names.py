"""What things are called in the catalog: lower case, and for tables and databases only letters, digits and _."""

import re
from collections.abc import Sequence
from pathlib import PurePosixPath

from errors import InvalidInputError

LONGEST_NAME = 128  # letters of a table or database name, Glue's limit
LONGEST_COLUMN_NAME = 255

_CONTROL_CHARACTER = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


def table_name_for(path: str) -> str:
    """Name a table after its file or folder, as Glue does: every sign that is no letter or digit becomes _.

    >>> table_name_for("data/diabetes.csv"), table_name_for("s3://shop/Orders 2024/")
    ('diabetes_csv', 'orders_2024')
    """
    name = PurePosixPath(path.rpartition("://")[2]).name
    folded = re.sub(r"[^a-z0-9_]", "_", name.lower())[:LONGEST_NAME]
    if not folded:
        raise InvalidInputError(f"'{path}' gives no table name. Choose one with --table.")
    return folded


def catalog_name(kind: str, name: str) -> str:
    """Fold the name a person chose for a `kind` ("table", "database") to lower case; refuse what else would change.

    >>> catalog_name("table", "Patients")
    'patients'
    """
    folded = name.lower()
    if re.fullmatch(rf"[a-z0-9_]{{1,{LONGEST_NAME}}}", folded):
        return folded
    better = re.sub(r"[^a-z0-9_]", "_", folded)[:LONGEST_NAME]
    advice = f" Try '{better}'." if better.strip("_") else ""
    raise InvalidInputError(
        f"'{name}' cannot name a {kind}: only letters a-z, digits and _ can, at most {LONGEST_NAME} of them.{advice}"
    )


def column_names(source_names: Sequence[str], path: str) -> tuple[str, ...]:
    """Fold the columns of the file at `path`: lower case, no blanks around, `col<i>` where there is no name.

    Inside, names stay as they are: `comisión gran sol 25%` is a fine column name. Two columns may not fold to one.

    >>> column_names(["Record ID", " bmi ", ""], "x.csv")
    ('record id', 'bmi', 'col2')
    """
    folded = tuple(source.strip().lower() or f"col{i}" for i, source in enumerate(source_names))
    for i, name in enumerate(folded):
        if not is_column_name(name):
            raise InvalidInputError(
                f"Column {i + 1} of '{path}' is called {_shown(source_names[i])}. A column name is one line of at most "
                f"{LONGEST_COLUMN_NAME} letters. Rename it and crawl again."
            )
        if (first := folded.index(name)) < i:
            one, other = (f"{k + 1} ({_shown(source_names[k])})" for k in (first, i))
            raise InvalidInputError(
                f"Columns {one} and {other} of '{path}' would both be called '{name}'. Rename one and crawl again."
            )
    return folded


def is_column_name(name: str) -> bool:
    """Whether Glue would take `name` for a column: at most 255 letters, no line breaks or other control characters."""
    return len(name) <= LONGEST_COLUMN_NAME and not _CONTROL_CHARACTER.search(name)


def _shown(name: str) -> str:
    return repr(name if len(name) <= 40 else name[:39] + "…")
