"""Tables of DynamoDB: crawled, queried and matched."""

import time
from typing import Any
from uuid import uuid4

import pytest

from catalog.crawler import Crawler, DynamoDBTarget
from catalog.crawlers import create_crawler
from catalog.database import Catalog
from catalog.tables import get_table
from catalog.views import run_query
from errors import InvalidInputError
from storage.dynamodb import describe_table, scan
from storage.workspace import Workspace
from tasks.checked_table import checked_table
from tasks.crawl_dynamodb import crawl_dynamodb
from tasks.records import read_records
from tasks.run_crawler import run_crawler

Item = dict[str, dict[str, Any]]


def table_with(dynamodb: Any, *items: Item, units: int = 0) -> str:
    """A new table with a hash key `id` and a range key `n`, and items in it."""
    name = f"people.{uuid4().hex[:8]}"
    billing: dict[str, Any] = {"BillingMode": "PAY_PER_REQUEST"}
    if units:
        billing = {"ProvisionedThroughput": {"ReadCapacityUnits": units, "WriteCapacityUnits": 5}}
    dynamodb.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}, {"AttributeName": "n", "KeyType": "RANGE"}],
        AttributeDefinitions=[
            {"AttributeName": "id", "AttributeType": "S"},
            {"AttributeName": "n", "AttributeType": "N"},
        ],
        **billing,
    )
    for start in range(0, len(items), 25):
        requests = [{"PutRequest": {"Item": item}} for item in items[start : start + 25]]
        dynamodb.batch_write_item(RequestItems={name: requests})
    return name


def item(number: int, **more: dict[str, Any]) -> Item:
    return {"id": {"S": f"k{number:05d}"}, "n": {"N": str(number)}, **more}


def test_attributes_of_all_kinds_are_columns(dynamodb: Any, workspace: Workspace, catalog: Catalog) -> None:
    name = table_with(
        dynamodb,
        item(1, Text={"S": "é"}, price={"N": "1.50"}, yes={"BOOL": True}, huge={"N": "12345678901234567890"}),
        item(2, price={"N": "2"}, yes={"NULL": True}, some={"L": [{"S": "a"}, {"N": "1"}]}, both={"S": "x"}),
        item(3, raw={"B": b"\0\1"}, tags={"SS": ["b", "a"]}, map={"M": {"x": {"N": "1.5"}}}, both={"N": "7"}),
    )
    (table,) = crawl_dynamodb(workspace, f"dynamodb://{name}", table="people").tables
    assert [(column.name, column.type) for column in table.columns] == [
        ("id", "string"),
        ("n", "bigint"),
        ("text", "string"),
        ("both", "string"),
        ("huge", "decimal(38,0)"),
        ("map", "string"),
        ("price", "double"),
        ("raw", "string"),
        ("some", "string"),
        ("tags", "string"),
        ("yes", "boolean"),
    ]
    assert (table.classification, table.parameters["recordCount"]) == ("dynamodb", "3")
    assert table.location.startswith("arn:aws:dynamodb:eu-west-1:")
    _, rows = run_query(catalog, 'SELECT n, text, price, yes, "some", map, tags, "both" FROM people ORDER BY n')
    assert rows == [
        (1, "é", 1.5, True, None, None, None, None),
        (2, None, 2.0, None, '["a", 1]', None, None, "x"),
        (3, None, None, None, None, '{"x": 1.5}', '["a", "b"]', "7"),
    ]


def test_records_are_read_as_they_are_now_and_as_written(dynamodb: Any, workspace: Workspace) -> None:
    name = table_with(dynamodb, item(2, price={"N": "1.50"}), item(1))
    (table,) = crawl_dynamodb(workspace, f"dynamodb://{name}").tables
    dynamodb.put_item(TableName=name, Item=item(3, price={"N": "9"}))
    records = read_records(workspace, checked_table(workspace, table), "id")
    assert records["id"].to_pylist() == ["k00001", "k00002", "k00003"]
    assert records["price"].to_pylist() == [None, "1.50", "9"]


def test_an_attribute_that_came_later_is_told(
    dynamodb: Any, workspace: Workspace, catalog: Catalog, caplog: pytest.LogCaptureFixture
) -> None:
    name = table_with(dynamodb, item(1))
    crawl_dynamodb(workspace, f"dynamodb://{name}", table="t")
    dynamodb.put_item(TableName=name, Item=item(2, more={"S": "x"}))
    assert run_query(catalog, "SELECT count(*) FROM t")[1] == [(2,)]
    assert (
        f"Attribute 'more' of DynamoDB table '{name}' is in 1 item and not in the catalog: crawl again." in caplog.text
    )


def test_thousands_of_items_come_in_pages(dynamodb: Any, workspace: Workspace, catalog: Catalog) -> None:
    name = table_with(
        dynamodb, *(item(number, late={"S": "x"}) if number > 1500 else item(number) for number in range(3000))
    )
    found = crawl_dynamodb(workspace, f"dynamodb://{name}", table="many")
    assert found.tables[0].parameters["recordCount"] == "3000"
    assert run_query(catalog, "SELECT count(*), count(late), max(n) FROM many")[1] == [(3000, 1499, 2999)]
    sampled = crawl_dynamodb(workspace, f"dynamodb://{name}", table="some", scan_all=False)
    assert sampled.read == 1000


def test_a_scan_takes_no_more_than_its_share(dynamodb: Any) -> None:
    name = table_with(dynamodb, *(item(number, text={"S": "x" * 3000}) for number in range(600)), units=10)
    units = dynamodb.scan(TableName=name, ReturnConsumedCapacity="TOTAL")["ConsumedCapacity"]["CapacityUnits"]
    table = describe_table(name)
    assert table.read_units == 10
    for rate in (0.1, 0.5):
        slept: list[float] = []
        began = time.monotonic()
        assert sum(map(len, scan(table, rate, sleep=slept.append))) == 600
        assert time.monotonic() - began + sum(slept) >= units / (rate * 10)


def test_an_empty_table_is_a_table(dynamodb: Any, workspace: Workspace, catalog: Catalog) -> None:
    crawl_dynamodb(workspace, f"dynamodb://{table_with(dynamodb)}", table="empty")
    assert get_table(catalog, "empty").column_names == ("id", "n")
    assert run_query(catalog, "SELECT * FROM empty") == (["id", "n"], [])


def test_names_like_injections_are_names(dynamodb: Any, workspace: Workspace, catalog: Catalog) -> None:
    odd = '"; DROP TABLE x; --'
    name = table_with(dynamodb, item(1, **{odd: {"S": "'; SELECT 1; --"}, "select": {"S": "s"}}))
    crawl_dynamodb(workspace, f"dynamodb://{name}", table="odd")
    names, rows = run_query(catalog, "SELECT * FROM odd")
    assert dict(zip(names, rows[0], strict=True)) == {
        "id": "k00001",
        "n": 1,
        odd.lower(): "'; SELECT 1; --",
        "select": "s",
    }


def test_a_crawler_has_dynamodb_targets(dynamodb: Any, workspace: Workspace, catalog: Catalog) -> None:
    name = table_with(dynamodb, item(1))
    create_crawler(catalog, Crawler("nightly", (DynamoDBTarget(name, scan_rate=1.0),), "raw", table_prefix="d_"))
    (table,) = run_crawler(workspace, "nightly").tables
    assert table.name == f"d_{name.replace('.', '_')}"
    assert table.parameters["UPDATED_BY_CRAWLER"] == "nightly"
    assert run_crawler(workspace, "nightly").table_changes.added == 0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"path": "dynamodb://nothing"}, "There is no DynamoDB table 'nothing' in this region"),
        ({"path": "dynamodb://nothing", "scan_rate": 2.0}, r"between 0\.1 and 1\.5"),
    ],
)
def test_what_cannot_be_crawled_is_said(
    options: dict[str, Any], message: str, dynamodb: Any, workspace: Workspace
) -> None:
    with pytest.raises(InvalidInputError, match=message):
        crawl_dynamodb(workspace, **options)


def test_a_service_that_is_not_there_is_named(
    dynamodb: Any, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", "http://127.0.0.1:9")
    monkeypatch.setattr("botocore.retries.standard.ExponentialBackoff.delay_amount", lambda *_: 0)
    with pytest.raises(InvalidInputError, match="DynamoDB table 'x' cannot be read: Could not connect"):
        crawl_dynamodb(workspace, "dynamodb://x")
