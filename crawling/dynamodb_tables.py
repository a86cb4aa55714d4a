"""A DynamoDB table: from its items to the description that the catalog keeps."""

import logging
from collections.abc import Iterable
from typing import Any

from crawling.columns import CrawledColumn, typed_columns
from crawling.table import CrawledTable
from crawling.table_names import table_names
from crawling.tables import Found, Names
from crawling.types import STRING, narrowest_type
from crawling.widen import known_type, widest
from errors import counted
from storage.dynamodb import DynamoTable, kind_of, scan, text_of

SAMPLE_ITEMS = 1000
CLASSIFICATION = "dynamodb"
TABLE_NAME, SCAN_RATE = "dynamodbTable", "scanRate"
_HUGE = "decimal(38,0)"

log = logging.getLogger("findmatches.crawling")


def find_dynamodb_table(table: DynamoTable, names: Names, rate: float, *, scan_all: bool) -> Found:
    """Describe a table from all its items, or from the first 1,000.

    Columns are the keys, then all attributes by name: texts are string, numbers bigint or double, truth values
    boolean, everything else the text of its JSON.
    """
    count, columns = _columns(table, scan(table, rate, None if scan_all else SAMPLE_ITEMS))
    (name,) = table_names([table.name], names.prefix, names.known, names.taken)
    log.info("crawl: %s of DynamoDB table '%s'", counted(count, "item"), table.name)
    items = count if scan_all else max(count, table.items)
    parameters = {
        "CrawlerSchemaDeserializerVersion": "1.0",
        "CrawlerSchemaSerializerVersion": "1.0",
        "classification": CLASSIFICATION,
        "compressionType": "none",
        "typeOfData": "table",
        "recordCount": str(items),
        "sizeKey": str(table.size),
        TABLE_NAME: table.name,
        SCAN_RATE: str(rate),
    }
    made = CrawledTable(name, table.arn, CLASSIFICATION, columns, parameters, (table.arn,))
    return Found((made,), (), (), (), count)


def _columns(table: DynamoTable, pages: Iterable[list[dict[str, Any]]]) -> tuple[int, tuple[CrawledColumn, ...]]:
    types: dict[str, str] = dict.fromkeys(table.keys, "")
    count = 0
    for items in pages:
        count += len(items)
        seen: dict[str, list[dict[str, Any]]] = {}
        for item in items:
            for attribute, value in item.items():
                seen.setdefault(attribute, []).append(value)
        for attribute, values in seen.items():
            types[attribute] = widest((types.get(attribute, ""), _type(values)))
    order = [*table.keys, *sorted(types.keys() - set(table.keys))]
    known = {attribute: known_type(types[attribute]) for attribute in order}
    return count, typed_columns(order, known, f"DynamoDB table {table.name}")


def _type(values: Iterable[dict[str, Any]]) -> str:
    return widest(map(_type_of, values))


def _type_of(value: dict[str, Any]) -> str:
    match kind_of(value):
        case "NULL":
            return ""
        case "BOOL":
            return "boolean"
        case "N":
            return _number_type(text_of(value) or "")
    return STRING


def _number_type(text: str) -> str:
    """The type that holds a number as it is written; one that none holds is a text."""
    if text.lstrip("-").isdecimal():
        return narrowest_type([text], ("bigint",)) if len(text.lstrip("-")) <= 18 else _HUGE
    return "double" if len(text.strip("-").replace(".", "")) <= 15 else STRING
