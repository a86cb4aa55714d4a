"""What people may say of columns, and how it is told and kept."""

from pathlib import Path

import pytest

from catalog.column_settings import KINDS, ColumnSettings, read_column_settings, told_column_settings
from catalog.database import Catalog
from catalog.tables import Column, Table
from catalog.transforms import FindMatchesParameters, create_transform, get_transform, update_transform
from errors import InvalidInputError
from matching.profile import IGNORE, ColumnKind

BY_ID = FindMatchesParameters("id", source_column_name="source")
COLUMNS = tuple(Column(name, "string", name) for name in ("id", "name", "postcode", "source"))
PEOPLE = Table("default", "people", "/people.csv", "csv", COLUMNS, {}, ("/people.csv",))


def test_the_kinds_are_those_that_matching_knows() -> None:
    assert set(KINDS) == {*(kind.value for kind in ColumnKind), IGNORE} - {"empty"}


def test_kinds_are_kept_with_the_transform(catalog: Catalog) -> None:
    settings = ColumnSettings({"Postcode": "CODE"})
    made = create_transform(catalog, name="p", table=PEOPLE, parameters=BY_ID, column_settings=settings)
    assert made.column_settings == ColumnSettings({"postcode": "code"})
    assert get_transform(catalog, "p") == made


def test_an_update_sets_some_kinds_and_leaves_the_others(catalog: Catalog) -> None:
    settings = ColumnSettings({"postcode": "code"})
    create_transform(catalog, name="p", table=PEOPLE, parameters=BY_ID, column_settings=settings)
    changed = update_transform(catalog, "p", column_settings=ColumnSettings({"name": "ignore"}))
    assert changed.column_settings.kinds == {"name": "ignore", "postcode": "code"}
    assert update_transform(catalog, "p", description="d").column_settings == changed.column_settings
    back = update_transform(catalog, "p", column_settings=ColumnSettings({"postcode": "auto"}))
    assert get_transform(catalog, "p").column_settings.kinds == back.column_settings.kinds == {"name": "ignore"}


@pytest.mark.parametrize(
    ("kinds", "problem"),
    [
        pytest.param(
            {"postcod": "code"},
            r"^Table 'default\.people' has no column 'postcod'\. Did you mean 'postcode'\? It has: id, name, ",
            id="unknown column",
        ),
        pytest.param(
            {"postcode": "cod"},
            r"^There is no column kind 'cod'\. Did you mean 'code'\? There are: name, text, code, number, date, "
            r"category, ignore; auto leaves it to the data\.",
            id="unknown kind",
        ),
        pytest.param({"id": "code"}, r"^Column 'id' .* is the primary key or the source column", id="primary key"),
        pytest.param({"source": "name"}, r"^Column 'source' .* is not compared", id="source column"),
    ],
)
def test_what_is_no_column_or_no_kind_is_refused(catalog: Catalog, kinds: dict[str, str], problem: str) -> None:
    with pytest.raises(InvalidInputError, match=problem):
        create_transform(catalog, name="p", table=PEOPLE, parameters=BY_ID, column_settings=ColumnSettings(kinds))


def test_a_transform_of_an_earlier_catalog_has_no_kinds_set(catalog: Catalog) -> None:
    made = create_transform(catalog, name="p", table=PEOPLE, parameters=BY_ID)
    with catalog.transaction() as session:
        columns = list(session.row("SELECT * FROM findmatches.ml_transforms") or {})
        named = ", ".join(name for name in columns if name != "column_kinds_json")
        session.execute(f"CREATE TABLE findmatches.earlier AS SELECT {named} FROM findmatches.ml_transforms")
        session.execute("DELETE FROM findmatches.ml_transforms")
        session.execute(f"INSERT INTO findmatches.ml_transforms ({named}) SELECT {named} FROM findmatches.earlier")
    assert get_transform(catalog, "p") == made


def test_kinds_are_read_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "columns.toml"
    file.write_text('[columns]\npostcode = "code"\n"free text" = "ignore"\n')
    assert read_column_settings(str(file)).kinds == {"postcode": "code", "free text": "ignore"}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param("[columns", "is not TOML", id="broken"),
        pytest.param("", "does not hold a table 'columns'", id="empty"),
        pytest.param("columns = 3", "does not hold a table 'columns'", id="a number"),
        pytest.param(
            "[columns]\npostcode = 3", "does not hold a table 'columns' of texts", id="a kind that is a number"
        ),
        pytest.param('[columns]\n[kinds]\na = "code"', "has 'kinds'", id="something else"),
    ],
)
def test_a_file_that_is_something_else_is_refused_with_an_example(tmp_path: Path, text: str, problem: str) -> None:
    file = tmp_path / "columns.toml"
    file.write_text(text)
    with pytest.raises(InvalidInputError, match=rf"{problem}.*postcode = "):
        read_column_settings(str(file))


@pytest.mark.parametrize("told", ["postcode", "=code", "postcode=", ""])
def test_a_setting_without_column_or_kind_is_refused(told: str) -> None:
    with pytest.raises(InvalidInputError, match="Write COLUMN=KIND, as postcode=code"):
        told_column_settings([told])
