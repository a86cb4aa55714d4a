"""Custom CSV classifiers: how files are written, said once and used by crawlers. Names and rules are Glue's."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from catalog.database import Catalog
from catalog.session import Session, utc_now
from errors import AlreadyExistsError, EntityNotFoundError, InvalidInputError, closest, counted

HEADERS = ("UNKNOWN", "PRESENT", "ABSENT")
DATATYPES = {
    "BINARY": "binary",
    "BOOLEAN": "boolean",
    "DATE": "date",
    "DECIMAL": "decimal(38,18)",
    "DOUBLE": "double",
    "FLOAT": "float",
    "INT": "int",
    "LONG": "bigint",
    "SHORT": "smallint",
    "STRING": "string",
    "TIMESTAMP": "timestamp",
}


@dataclass(frozen=True)
class CsvClassifier:
    """How CSV files are written: what is empty is found out. `custom_datatypes` are Glue's, one for each column."""

    name: str
    delimiter: str = ""
    quote_symbol: str = ""
    contains_header: str = "UNKNOWN"
    header: tuple[str, ...] = ()
    disable_value_trimming: bool = True
    allow_single_column: bool = False
    custom_datatypes: tuple[str, ...] = ()
    version: int = 1
    creation_time: datetime | None = None
    last_updated: datetime | None = None


def create_classifier(catalog: Catalog, classifier: CsvClassifier) -> CsvClassifier:
    """Keep a new classifier, and return it with its times."""
    now = utc_now()
    made = replace(_checked(classifier), version=1, creation_time=now, last_updated=now)
    with catalog.transaction() as session:
        if _find(session, made.name):
            raise AlreadyExistsError(f"Classifier with name {made.name} already exists. Choose another name.")
        session.insert("classifiers", _row(made))
    return made


def delete_classifier(catalog: Catalog, name: str) -> None:
    """Forget a classifier that no crawler uses; what was crawled with it stays as it is."""
    with catalog.transaction() as session:
        _known(session, name)
        _refuse_used(session, name)
        session.execute("DELETE FROM findmatches.classifiers WHERE name = ?", (name,))


def get_classifiers(catalog: Catalog, names: Sequence[str]) -> list[CsvClassifier]:
    """Return the classifiers of some names, in their order."""
    with catalog.reading() as session:
        return [_known(session, name) for name in names]


def list_classifiers(catalog: Catalog) -> list[CsvClassifier]:
    """Return all classifiers, by name."""
    with catalog.reading() as session:
        return [_classifier(row) for row in session.rows("SELECT * FROM findmatches.classifiers ORDER BY name")]


def _checked(classifier: CsvClassifier) -> CsvClassifier:
    name = classifier.name
    if not name.strip() or len(name) > 255 or not name.isprintable():
        raise InvalidInputError(f"{name!r} cannot name a classifier: a name is one line of 1 to 255 letters.")
    for what, sign in (("delimiter", classifier.delimiter), ("quote symbol", classifier.quote_symbol)):
        if len(sign) > 1 or sign in {"\n", "\r"}:
            raise InvalidInputError(f"The {what} is one sign and no line break, and {sign!r} is not.")
    if classifier.delimiter and classifier.delimiter == classifier.quote_symbol:
        raise InvalidInputError(f"The quote symbol must differ from the delimiter; both are {classifier.delimiter!r}.")
    if classifier.contains_header not in HEADERS:
        raise InvalidInputError(
            f"ContainsHeader is one of {', '.join(HEADERS)}, and '{classifier.contains_header}' is not."
        )
    names = [each.strip().lower() for each in classifier.header]
    if len(set(names)) < len(names) or not all(names):
        raise InvalidInputError("The header of a classifier names every column once; a name is empty or stands twice.")
    return replace(classifier, custom_datatypes=_checked_types(classifier))


def _checked_types(classifier: CsvClassifier) -> tuple[str, ...]:
    types = tuple(each.upper() for each in classifier.custom_datatypes)
    unknown = [each for each in types if each not in DATATYPES]
    if unknown:
        raise InvalidInputError(f"'{unknown[0]}' is no datatype of a classifier. There are: {', '.join(DATATYPES)}.")
    if types and len(types) != len(classifier.header):
        raise InvalidInputError(
            f"A classifier needs one datatype for each column of its header: it has {len(types)} for "
            f"{counted(len(classifier.header), 'column')}."
        )
    return types


def _refuse_used(session: Session, name: str) -> None:
    rows = session.rows("SELECT name, definition_json FROM findmatches.crawlers ORDER BY name")
    users = [row["name"] for row in rows if name in json.loads(row["definition_json"])["classifiers"]]
    if users:
        raise InvalidInputError(
            f"Classifier {name} is used by {', '.join(users)}. Change that first: "
            f"findmatches crawler update {users[0]} --classifier OTHER, or '' for none"
        )


def _known(session: Session, name: str) -> CsvClassifier:
    found = _find(session, name)
    if found is None:
        names: Iterable[str] = [row["name"] for row in session.rows("SELECT name FROM findmatches.classifiers")]
        raise EntityNotFoundError(
            f"Classifier with name {name} does not exist.{closest(name, names)} `findmatches classifier list` "
            "lists them."
        )
    return found


def _find(session: Session, name: str) -> CsvClassifier | None:
    row = session.row("SELECT * FROM findmatches.classifiers WHERE name = ?", (name,))
    return _classifier(row) if row else None


def _row(classifier: CsvClassifier) -> dict[str, Any]:
    told = asdict(classifier)
    kept = {name: told.pop(name) for name in ("name", "version", "creation_time", "last_updated")}
    return kept | {"definition_json": json.dumps(told)}


def _classifier(row: dict[str, Any]) -> CsvClassifier:
    told: dict[str, Any] = json.loads(row["definition_json"])
    fields: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in told.items()}
    kept = {name: row[name] for name in ("name", "version", "creation_time", "last_updated")}
    return CsvClassifier(**fields | kept)
