"""What a transform must be, whoever made or changed it."""

from dataclasses import replace

from catalog.parameters import FindMatchesParameters, check_parameters, check_properties
from catalog.transform_rows import Transform
from errors import InvalidInputError, closest

MOST_COLUMNS = 100
LONGEST_NAME = 255


def checked(transform: Transform) -> Transform:
    """Return the transform with its column names as the schema spells them, or stop at what is not allowed."""
    _check_name(transform.name)
    check_parameters(transform.parameters)
    check_properties(transform.properties)
    if len(transform.schema) > MOST_COLUMNS:
        raise InvalidInputError(
            f"A transform takes at most {MOST_COLUMNS} columns, and table '{transform.table_name}' has"
            f" {len(transform.schema)}. Leave out columns that say nothing about which records match."
        )
    parameters, names = _spelled(transform), [name for name, _ in transform.schema]
    not_compared = [name for name in (parameters.primary_key_column_name, parameters.source_column_name) if name]
    settings = transform.column_settings.checked(transform.table_name, names, not_compared)
    return replace(transform, parameters=parameters, column_settings=settings)


def _check_name(name: str) -> None:
    if not name.strip():
        raise InvalidInputError("Transform name cannot be blank.")
    if len(name) > LONGEST_NAME or not name.isprintable():
        raise InvalidInputError(f"Transform name must be one line of at most {LONGEST_NAME} characters.")


def _spelled(transform: Transform) -> FindMatchesParameters:
    given = transform.parameters
    names = [name for name, _ in transform.schema]
    key = _column(given.primary_key_column_name, names)
    if key is None:
        wanted = given.primary_key_column_name
        raise InvalidInputError(f"Schema should contain given primary key: {wanted}.{_columns_of(transform, wanted)}")
    source = _column(given.source_column_name, names) if given.source_column_name else None
    if given.source_column_name and source is None:
        wanted = given.source_column_name
        raise InvalidInputError(f"No source column '{wanted}'.{_columns_of(transform, wanted)}")
    return replace(given, primary_key_column_name=key, source_column_name=source)


def _column(wanted: str, names: list[str]) -> str | None:
    return next((name for name in (wanted, wanted.lower()) if name in names), None)


def _columns_of(transform: Transform, wanted: str) -> str:
    names = [name for name, _ in transform.schema]
    return f" Table '{transform.table_name}' has: {', '.join(names)}.{closest(wanted, names)}"
