import pytest

from crawling.partitions import partition_keys, partition_values
from storage.duck import connect
from storage.partition_sql import partition_value

ROOT = "s3://b/t/"


@pytest.mark.parametrize(
    ("paths", "columns", "keys"),
    [
        (["year=2017/month=1/a", "year=2018/month=2/b"], ["id"], ("year", "month")),
        (["2017/1/a", "2018/2/b"], ["id"], ("partition_0", "partition_1")),
        (["year=2017/x/a"], [], ("year", "partition_1")),
        (["a=1/f", "b=2/f"], [], ("partition_0",)),
        (["Year=2017/f", "year=2018/f"], [], ("year",)),
        (["id=1/f"], ["id"], ("partition_0",)),
        (["x=1/x=2/f"], [], ("x", "partition_1")),
        (["x/f"], ["partition_0"], ("partition_1",)),
        (["x/y/f"], ["partition_0"], ("partition_1", "partition_2")),
        (["f"], [], ()),
        (["f", "x/f"], [], ("partition_0",)),
        (["=1/f"], [], ("partition_0",)),
    ],
)
def test_folders_below_a_table_are_its_partition_keys(
    paths: list[str], columns: list[str], keys: tuple[str, ...]
) -> None:
    assert partition_keys(ROOT, [ROOT + path for path in paths], columns) == keys


CASES = [
    ("year=2017/f.csv", ["year"], ("2017",)),
    ("YEAR = 2017/f.csv", ["year"], (" 2017",)),
    ("town=S%C3%A3o%20Paulo/f.csv", ["town"], ("São Paulo",)),
    ("town=a+b/f.csv", ["town"], ("a+b",)),
    ("town=a%3Db=c/f.csv", ["town"], ("a=b=c",)),
    ("town=__HIVE_DEFAULT_PARTITION__/f.csv", ["town"], (None,)),
    ("town=/f.csv", ["town"], (None,)),
    ("2017/f.csv", ["partition_0"], ("2017",)),
    ("f.csv", ["partition_0"], (None,)),
    ("a/f.csv", ["partition_0", "partition_1"], ("a", None)),
    ("x=1/f.csv", ["partition_0"], ("x=1",)),
    ('it\'s/"q"/f.csv', ["partition_0", "partition_1"], ("it's", '"q"')),
    ("k'; DROP TABLE x; --=1/f.csv", ["k'; drop table x; --"], ("1",)),
    ("😀=é/f.csv", ["😀"], ("é",)),
]


@pytest.mark.parametrize(("path", "keys", "values"), CASES)
def test_a_file_s_folders_are_values(path: str, keys: list[str], values: tuple[str | None, ...]) -> None:
    assert partition_values(ROOT, ROOT + path, keys) == values


@pytest.mark.parametrize(("path", "keys", "values"), CASES)
def test_sql_reads_the_same_values(path: str, keys: list[str], values: tuple[str | None, ...]) -> None:
    select = ", ".join(partition_value("file", ROOT, key, depth) for depth, key in enumerate(keys))
    with connect() as connection:
        rows = connection.execute(f"SELECT {select} FROM (SELECT ? AS file)", [ROOT + path]).fetchall()
    assert rows == [values]
