import pytest

from crawling.columns import CrawledColumn
from crawling.file_schema import FileSchema
from crawling.grouping import group_files
from crawling.rules import CrawlRules
from storage.files import StoredFile

ROOT = "s3://bucket/data/"
FIVE = "id name town street zip"


def schema(path: str, names: str, classification: str = "csv", types: str = "", **told: str) -> FileSchema:
    """A file with named columns; without a header their names are numbered."""
    sources = names.split()
    kinds = types.split() or ["string"] * len(sources)
    columns = tuple(
        CrawledColumn(name, kind, "" if name.startswith("col") else name)
        for name, kind in zip(sources, kinds, strict=True)
    )
    parameters = {"delimiter": told.get("delimiter", ",")} if classification == "csv" else {}
    file = StoredFile(ROOT + path, 10, "v")
    return FileSchema(file, classification, told.get("compression", "none"), columns, parameters, 1)


def tables(*schemas: FileSchema, **rules: object) -> dict[str, list[str]]:
    """The files of each table, by its location, both below the crawled folder."""
    groups = group_files(schemas, ROOT, CrawlRules(**rules))  # type: ignore[arg-type]
    return {
        group.location.removeprefix(ROOT): [each.file.path.removeprefix(ROOT) for each in group.schemas]
        for group in groups
    }


def test_similar_files_of_a_folder_are_one_table() -> None:
    assert tables(schema("a", FIVE), schema("b", FIVE + " more")) == {"": ["a", "b"]}


def test_a_folder_with_one_file_is_the_table() -> None:
    assert tables(schema("x/a", FIVE)) == {"": ["x/a"]}


def test_files_that_are_not_alike_are_tables_of_their_own() -> None:
    assert tables(schema("a", "id name"), schema("b", "order price")) == {"a": ["a"], "b": ["b"]}


def test_the_odd_file_stands_alone_and_the_others_are_the_folder() -> None:
    found = tables(schema("a", FIVE), schema("b", FIVE), schema("odd", "order price"))
    assert found == {"": ["a", "b"], "odd": ["odd"]}


@pytest.mark.parametrize(
    "other",
    [
        schema("b", FIVE, "json"),
        schema("b", FIVE, delimiter=";"),
        schema("b", FIVE, compression="gzip"),
    ],
    ids=["format", "delimiter", "compression"],
)
def test_files_written_otherwise_are_another_table(other: FileSchema) -> None:
    assert tables(schema("a", FIVE), other) == {"a": ["a"], "b": ["b"]}


def test_more_than_seven_tenths_of_the_columns_must_be_shared() -> None:
    ten = "a b c d e f g h i j"
    eight, seven = "a b c d e f g h x y", "a b c d e f g x y z"
    assert tables(schema("1", ten), schema("2", eight)) == {"": ["1", "2"]}
    assert tables(schema("1", ten), schema("2", seven)) == {"1": ["1"], "2": ["2"]}


def test_numbered_columns_must_hold_values_of_the_same_kind() -> None:
    numbers = schema("a", "col0 col1", types="bigint double")
    assert tables(numbers, schema("b", "col0 col1", types="double bigint")) == {"": ["a", "b"]}
    assert tables(numbers, schema("b", "col0 col1", types="string date")) == {"a": ["a"], "b": ["b"]}
    assert tables(numbers, schema("b", "x y", types="bigint double")) == {"a": ["a"], "b": ["b"]}


def test_folders_with_alike_files_are_partitions_of_one_table() -> None:
    found = tables(schema("y=1/m=1/a", FIVE), schema("y=1/m=2/b", FIVE), schema("y=2/m=1/c", FIVE))
    assert found == {"": ["y=1/m=1/a", "y=1/m=2/b", "y=2/m=1/c"]}


def test_folders_with_other_files_are_tables() -> None:
    found = tables(schema("people/a", FIVE), schema("people/b", FIVE), schema("orders/a", "order price"))
    assert found == {"orders/": ["orders/a"], "people/": ["people/a", "people/b"]}


def test_a_folder_of_two_tables_keeps_its_parents_apart_too() -> None:
    found = tables(schema("x/a", FIVE), schema("y/a", FIVE), schema("y/b", "order price"))
    assert found == {"x/": ["x/a"], "y/a": ["y/a"], "y/b": ["y/b"]}


def test_files_above_alike_folders_belong_to_them() -> None:
    assert tables(schema("a", FIVE), schema("old/b", FIVE)) == {"": ["a", "old/b"]}


def test_glue_s_example_of_combined_schemas() -> None:
    files = schema("year=2017/f", "A B"), schema("year=2018/f", "C D")
    assert set(tables(*files)) == {"year=2017/", "year=2018/"}
    assert set(tables(*files, combine_compatible_schemas=True)) == {""}


def test_combined_schemas_still_need_one_format() -> None:
    files = schema("a", "A B"), schema("b", "A B", "json")
    assert set(tables(*files, combine_compatible_schemas=True)) == {"a", "b"}


def test_glue_takes_no_more_than_five_shapes_together() -> None:
    letters = [f"{FIVE} a b c d {extra}" for extra in "mnopqr"]
    files = [schema(f"p={i}/f", names) for i, names in enumerate(letters)]
    assert set(tables(*files)) == {""}
    assert len(tables(*files, glue=True)) == 6
    assert set(tables(*files[:5], glue=True)) == {""}


def test_the_table_level_counts_from_the_bucket() -> None:
    files = [schema(f"{year}/{month}/f", FIVE) for year in ("2017", "2018") for month in ("1", "2")]
    assert set(tables(*files, table_level=1)) == {""}
    assert set(tables(*files, table_level=2)) == {"2017/", "2018/"}
    assert set(tables(*files, table_level=3)) == {"2017/1/", "2017/2/", "2018/1/", "2018/2/"}


def test_a_table_level_does_not_mix_formats() -> None:
    files = schema("2017/a", FIVE), schema("2017/b", FIVE, "json"), schema("2018/c", FIVE)
    assert set(tables(*files, table_level=2)) == {"2017/a", "2017/b", "2018/"}


def test_a_file_above_the_table_level_is_in_a_table_of_its_folder() -> None:
    assert set(tables(schema("top", FIVE), schema("2017/1/f", FIVE), table_level=2)) == {"", "2017/"}


def test_ten_thousand_alike_files_are_grouped_quickly() -> None:
    files = [schema(f"p={i % 100}/f{i}", FIVE) for i in range(10_000)]
    ((location, inside),) = tables(*files).items()
    assert (location, len(inside)) == ("", 10_000)
