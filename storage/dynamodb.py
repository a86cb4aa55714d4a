"""Tables of DynamoDB: what the service says of them, and their items, scanned no faster than agreed."""

import base64
import json
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from errors import FindMatchesError, InvalidInputError
from storage.files import reason_of

SCHEME = "dynamodb://"
RATE = 0.5  # of the table's read capacity, as Glue
ON_DEMAND_UNITS = 40_000  # a second; what Glue reckons with where a table has no capacity of its own
PAGE_ITEMS = 1000

log = logging.getLogger("findmatches.storage")

Item = dict[str, str | None]


@dataclass(frozen=True)
class DynamoTable:
    """A table as DynamoDB describes it: `keys` are its hash key and, where it has one, its range key.

    `items` is an estimate that is hours old. `read_units` are what it can be read at, in units a second.
    """

    name: str
    arn: str
    keys: tuple[str, ...]
    items: int
    size: int
    read_units: int


def describe_table(name: str) -> DynamoTable:
    """What DynamoDB says of a table, found with the usual AWS_… variables."""
    with _said_in_one_line(name):
        told = _client().describe_table(TableName=name)["Table"]
    keys = {key["KeyType"]: key["AttributeName"] for key in told["KeySchema"]}
    units = told.get("ProvisionedThroughput", {}).get("ReadCapacityUnits", 0)
    return DynamoTable(
        name,
        told["TableArn"],
        tuple(keys[kind] for kind in ("HASH", "RANGE") if kind in keys),
        int(told.get("ItemCount", 0)),
        int(told.get("TableSizeBytes", 0)),
        int(units) or ON_DEMAND_UNITS,
    )


def scan(
    table: DynamoTable, rate: float = RATE, limit: int | None = None, sleep: Callable[[float], None] = time.sleep
) -> Iterator[list[dict[str, Any]]]:
    """The items of a table as DynamoDB types them, page by page, `limit` of them or all.

    Uses no more than `rate` of the table's read capacity: after each page it sleeps for as long as the units that the
    page took are worth.
    """
    client, units_a_second = _client(), max(0.1, rate * table.read_units)
    start: dict[str, Any] = {}
    left = limit
    while left is None or left > 0:
        asked: dict[str, Any] = {"Limit": min(PAGE_ITEMS, left) if left is not None else PAGE_ITEMS, **start}
        began = time.monotonic()
        with _said_in_one_line(table.name):
            page = client.scan(TableName=table.name, ReturnConsumedCapacity="TOTAL", **asked)
        if page["Items"]:
            yield page["Items"]
        if "LastEvaluatedKey" not in page:
            return
        start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}
        left = None if left is None else left - len(page["Items"])
        taken = float(page.get("ConsumedCapacity", {}).get("CapacityUnits", 0))
        if (rest := taken / units_a_second - (time.monotonic() - began)) > 0:
            sleep(rest)


def text_of(value: dict[str, Any]) -> str | None:
    """A value as text: numbers exactly as they are kept, binary as base64, lists, maps and sets as JSON.

    >>> text_of({"N": "1.50"}), text_of({"L": [{"S": "a"}, {"N": "1"}]}), text_of({"NULL": True})
    ('1.50', '["a", 1]', None)
    """
    ((kind, content),) = value.items()
    match kind:
        case "NULL":
            return None
        case "S" | "N":
            return str(content)
        case "BOOL":
            return "true" if content else "false"
        case "B":
            return base64.b64encode(content).decode()
    return json.dumps(_plain(value), ensure_ascii=False)


def kind_of(value: dict[str, Any]) -> str:
    """DynamoDB's name of a value's type: S, N, BOOL, B, NULL, L, M, SS, NS or BS."""
    return next(iter(value))


def _plain(value: dict[str, Any]) -> Any:
    ((kind, content),) = value.items()
    match kind:
        case "M":
            return {name: _plain(inner) for name, inner in content.items()}
        case "L":
            return [_plain(inner) for inner in content]
        case "SS":
            return sorted(content)
        case "NS":
            return [_number(text) for text in sorted(content)]
        case "BS":
            return sorted(base64.b64encode(each).decode() for each in content)
        case "N":
            return _number(content)
        case "NULL":
            return None
        case "B":
            return base64.b64encode(content).decode()
    return content


def _number(text: str) -> int | float | str:
    """A number of JSON that is the same number, else its text."""
    if text.lstrip("-").isdecimal():
        return int(text)
    return float(text) if repr(float(text)) == text else text


def _client() -> Any:
    import botocore.session
    from botocore.config import Config

    config = Config(connect_timeout=10, read_timeout=60, retries={"mode": "adaptive", "total_max_attempts": 8})
    return botocore.session.get_session().create_client("dynamodb", config=config)


@contextmanager
def _said_in_one_line(name: str) -> Iterator[None]:
    try:
        yield
    except FindMatchesError:
        raise
    except Exception as error:
        answer = getattr(error, "response", {}).get("Error", {})
        if answer.get("Code") == "ResourceNotFoundException":
            raise InvalidInputError(
                f"There is no DynamoDB table '{name}' in this region. Check its name, AWS_DEFAULT_REGION and "
                "AWS_ENDPOINT_URL_DYNAMODB."
            ) from None
        if reason := reason_of(error):
            raise InvalidInputError(f"DynamoDB table '{name}' cannot be read: {reason}.") from error
        raise
