import pytest

from crawling.names import catalog_name, column_names, is_column_name, table_name_for
from errors import InvalidInputError


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/data/diabetes.csv", "diabetes_csv"),
        ("/data/Orders 2024/", "orders_2024"),
        ("s3://Shop-Data/", "shop_data"),
        ("s3://shop/part.csv.gz", "part_csv_gz"),
        ("2024.csv", "2024_csv"),
        ("/data/größe.csv", "gr__e_csv"),
        ("/" + "x" * 200, "x" * 128),
    ],
)
def test_a_table_is_called_like_its_file_or_folder(path: str, name: str) -> None:
    assert table_name_for(path) == name


def test_a_path_without_a_name_asks_for_one() -> None:
    with pytest.raises(InvalidInputError, match=r"^'/' gives no table name\. Choose one with --table\.$"):
        table_name_for("/")


def test_a_chosen_name_is_folded_to_lower_case() -> None:
    assert catalog_name("table", "Patients_2") == "patients_2"


@pytest.mark.parametrize("name", ["my table", "a.b", "größe", "", "x" * 129, "a\n"], ids=repr)
def test_a_chosen_name_that_would_change_more_is_refused(name: str) -> None:
    with pytest.raises(InvalidInputError, match="cannot name a database: only letters a-z, digits and _"):
        catalog_name("database", name)


def test_a_refused_name_comes_with_one_that_fits() -> None:
    with pytest.raises(InvalidInputError, match=r"'My table!' cannot name a table.* Try 'my_table_'"):
        catalog_name("table", "My table!")


def test_column_names_are_folded_but_not_sanitised() -> None:
    names = ["Order ID", "\tSub-Category ", "comisión gran sol 25%", "u.antes dev.", "ÄÖ"]
    assert column_names(names, "x.csv") == ("order id", "sub-category", "comisión gran sol 25%", "u.antes dev.", "äö")


def test_columns_without_a_name_are_numbered_from_0() -> None:
    assert column_names(["", "name", "  "], "x.csv") == ("col0", "name", "col2")


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["Name", "id", "name "], r"^Columns 1 \('Name'\) and 3 \('name '\) of 'x\.csv' would both be called 'name'\."),
        (["", "COL0"], r"^Columns 1 \(''\) and 2 \('COL0'\) of 'x\.csv' would both be called 'col0'\."),
        (["a", "b\nc"], r"^Column 2 of 'x\.csv' is called 'b\\nc'\. A column name is one line"),
        (["x" * 256], r"^Column 1 of 'x\.csv' is called 'x+…'\."),
    ],
    ids=["two that fold to one", "one like a numbered one", "a line break", "too long"],
)
def test_column_names_that_cannot_be_are_refused(names: list[str], message: str) -> None:
    with pytest.raises(InvalidInputError, match=message):
        column_names(names, "x.csv")


def test_255_letters_make_a_column_name() -> None:
    assert is_column_name("x" * 255)
