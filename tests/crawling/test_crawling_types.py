import duckdb
import pytest

from crawling.types import PATTERNS, all_values_are, native_type, possible_types


@pytest.mark.parametrize(
    ("value", "narrowest"),
    [
        ("0", "bigint"),
        ("-7", "bigint"),
        (" +42 ", "bigint"),
        ("007", "bigint"),
        ("1" * 18, "bigint"),
        ("1" * 19, None),
        ("1.5", "double"),
        ("-.5", "double"),
        ("5.", "double"),
        ("1e3", "double"),
        ("1E-10", "double"),
        ("1" * 16 + ".5", None),
        ("1,5", None),
        ("1_000", None),
        ("0x10", None),
        ("nan", None),
        ("inf", None),
        ("٣", None),
        (".", None),
        ("true", "boolean"),
        ("False", "boolean"),
        ("yes", None),
        ("2024-02-29", "date"),
        ("2024/02/29", None),
        ("2024-2-9", None),
        ("2024-02-29 10:00", "timestamp"),
        ("2024-02-29T10:00:00.123Z", "timestamp"),
        ("2024-02-29T10:00:00+02:00", None),
        (" ", None),
        ("one", None),
    ],
)
def test_a_text_has_the_narrowest_type_it_is_written_as(value: str, narrowest: str | None) -> None:
    assert (possible_types([value]) or (None,))[0] == narrowest


@pytest.mark.parametrize(
    ("values", "types"),
    [
        ([], tuple(PATTERNS)),
        (["", ""], tuple(PATTERNS)),
        (["1", "", "2"], ("bigint", "double")),
        (["1", "2.5"], ("double",)),
        (["2024-01-01", "2024-01-01 10:00"], ("timestamp",)),
        (["1", "true"], ()),
        (["1", "2024-01-01"], ()),
    ],
    ids=["no values", "only empty", "one empty", "whole and broken", "date and timestamp", "mixed", "number and date"],
)
def test_a_column_can_have_the_types_that_all_its_values_have(values: list[str], types: tuple[str, ...]) -> None:
    assert possible_types(values) == types


@pytest.mark.parametrize("type_name", PATTERNS)
@pytest.mark.parametrize(
    "value",
    ["true", "7", " 7 ", "1.5", "1e400", "2024-02-29", "2023-02-29", "2024-02-29 25:00", "2024-02-29 10:00", "x"],
)
def test_duckdb_can_cast_every_value_that_passes(type_name: str, value: str) -> None:
    sql = f"SELECT {all_values_are(type_name, 'a')}, isfinite(TRY_CAST(any_value(a) AS {type_name}) :: DOUBLE)"
    if type_name in {"boolean", "date", "timestamp"}:
        sql = f"SELECT {all_values_are(type_name, 'a')}, TRY_CAST(any_value(a) AS {type_name}) IS NOT NULL"
    ((passes, castable),) = duckdb.execute(f"{sql} FROM (SELECT ? AS a)", [value]).fetchall()
    assert castable or not passes
    if value in {"1e400", "2023-02-29", "2024-02-29 25:00", "x"}:
        assert not passes


def test_nothing_and_null_have_every_type() -> None:
    for type_name in PATTERNS:
        check = all_values_are(type_name, "a")
        assert duckdb.sql(f"SELECT {check} FROM (SELECT NULL :: VARCHAR AS a)").fetchall() == [(True,)]
        assert duckdb.sql(f"SELECT {check} FROM (SELECT 'x' AS a) WHERE false").fetchall() == [(True,)]


@pytest.mark.parametrize(
    ("declared", "name"),
    [
        ("TINYINT", "tinyint"),
        ("INTEGER", "int"),
        ("UINTEGER", "bigint"),
        ("UBIGINT", "decimal(20,0)"),
        ("FLOAT", "float"),
        ("DECIMAL(10, 2)", "decimal(10,2)"),
        ("VARCHAR", "string"),
        ("UUID", "string"),
        ("TIME", "string"),
        ("BLOB", "binary"),
        ("TIMESTAMP_NS", "timestamp"),
        ("TIMESTAMP WITH TIME ZONE", "timestamp"),
        ("INTEGER[]", "array<int>"),
        ("INTEGER[3]", "array<int>"),
        ("MAP(VARCHAR, DATE)", "map<string,date>"),
        ('STRUCT(a BIGINT, "B c" STRUCT(d BOOLEAN)[])', "struct<a:bigint,B c:array<struct<d:boolean>>>"),
        ('STRUCT("a:b" BIGINT)', "string"),
    ],
)
def test_a_declared_type_has_hives_name(declared: str, name: str) -> None:
    assert native_type(duckdb.sql(f"SELECT NULL :: {declared} AS x").types[0]) == name
