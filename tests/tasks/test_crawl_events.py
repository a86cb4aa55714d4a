"""CRAWL_EVENT_MODE: a queue tells which objects came and went."""

import json
from typing import Any
from urllib.parse import quote_plus

import pytest

from catalog.crawler import Crawler, S3Target
from catalog.crawlers import create_crawler
from catalog.database import Catalog
from catalog.views import run_query
from errors import InvalidInputError
from storage.object_events import EventQueue, events_of
from storage.workspace import Workspace
from tasks.crawl_catalog import CrawlSummary
from tasks.run_crawler import run_crawler
from tests.servers.seaweedfs import Bucket

Queue = tuple[Any, str, str]


def notice(bucket: Bucket, key: str, name: str = "ObjectCreated:Put", sequencer: str = "01") -> dict[str, Any]:
    """What S3 says of an object."""
    told: dict[str, Any] = {"key": quote_plus(key), "sequencer": sequencer}
    if name.startswith("ObjectCreated"):
        head = bucket.client.head_object(Bucket=bucket.name, Key=key)
        told |= {"size": head["ContentLength"], "eTag": head["ETag"].strip('"')}
    return {"Records": [{"eventName": name, "s3": {"bucket": {"name": bucket.name}, "object": told}}]}


@pytest.fixture
def crawled(bucket: Bucket, queue: Queue, workspace: Workspace) -> CrawlSummary:
    """The first crawl of a crawler that listens to the queue: two files, all of them listed."""
    for name in ("a", "b"):
        bucket.put(f"in/{name}.csv", f"id,name\n{ord(name)},Ada\n")
    target = S3Target(f"{bucket.url}in/", event_queue_arn=queue[2])
    create_crawler(Catalog.of(workspace), Crawler("events", (target,), recrawl_behavior="CRAWL_EVENT_MODE"))
    return run_crawler(workspace, "events")


def ids(catalog: Catalog) -> list[int]:
    return [row[0] for row in run_query(catalog, 'SELECT id FROM "default"."in" ORDER BY id')[1]]


def test_only_what_the_queue_tells_of_is_read(
    crawled: CrawlSummary, bucket: Bucket, queue: Queue, workspace: Workspace, catalog: Catalog
) -> None:
    client, url, _ = queue
    assert crawled.read == 2
    bucket.put("in/c d+é.csv", "id,name\n1,Eve\n")
    bucket.put("in/unheard.csv", "id,name\n2,Dan\n")
    bucket.put("elsewhere/x.csv", "id,name\n3,Dan\n")
    bucket.delete("in/a.csv")
    for told in (
        notice(bucket, "in/c d+é.csv"),
        notice(bucket, "in/a.csv", "ObjectRemoved:Delete", "02"),
        notice(bucket, "elsewhere/x.csv"),
        {"Event": "s3:TestEvent"},
    ):
        client.send_message(QueueUrl=url, MessageBody=json.dumps(told))
    found = run_crawler(workspace, "events")
    assert (found.read, found.objects) == (1, 2)
    assert ids(catalog) == [1, ord("b")]
    again = run_crawler(workspace, "events")
    assert (again.read, again.table_changes.updated) == (0, 0)
    waiting = client.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert waiting["ApproximateNumberOfMessages"] == "0"
    assert waiting["ApproximateNumberOfMessagesNotVisible"] == "0"


def test_the_latest_event_of_an_object_counts(bucket: Bucket) -> None:
    bucket.put("x", "1")
    made = next(events_of(json.dumps(notice(bucket, "x", sequencer="0A"))))
    gone = next(events_of(json.dumps(notice(bucket, "x", "ObjectRemoved:Delete", "00B1"))))
    assert sorted([gone, made], key=lambda event: event.order) == [made, gone]


def test_events_come_through_sns_and_eventbridge_too(bucket: Bucket) -> None:
    bucket.put("a b.csv", "x")
    plain = next(events_of(json.dumps(notice(bucket, "a b.csv"))))
    assert next(events_of(json.dumps({"Message": json.dumps(notice(bucket, "a b.csv"))}))) == plain
    detail = {"bucket": {"name": bucket.name}, "object": {"key": "a b.csv", "size": 1, "sequencer": "01"}}
    bridged = next(events_of(json.dumps({"detail-type": "Object Created", "detail": detail})))
    assert (bridged.path, bridged.file and bridged.file.size) == (plain.path, 1)
    assert list(events_of("not json")) == list(events_of("[]")) == list(events_of("{}")) == []


def test_a_crawl_that_fails_leaves_its_events_in_the_queue(
    crawled: CrawlSummary, bucket: Bucket, queue: Queue, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, url, _ = queue
    client.send_message(QueueUrl=url, MessageBody=json.dumps(notice(bucket, "in/a.csv")))
    monkeypatch.setattr("tasks.crawl_catalog.register_crawl", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        run_crawler(workspace, "events")
    waiting = client.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert waiting["ApproximateNumberOfMessagesNotVisible"] == "1"


@pytest.mark.parametrize(
    ("arn", "message"),
    [
        ("arn:aws:sqs:eu-west-1:123456789012:nothing", "There is no queue"),
        ("my-queue", "is not the ARN of an SQS queue"),
    ],
)
def test_a_queue_that_is_none_is_named(arn: str, message: str, queue: Queue) -> None:
    with pytest.raises(InvalidInputError, match=message):
        EventQueue(arn).read()


def test_event_mode_needs_a_queue(catalog: Catalog) -> None:
    with pytest.raises(InvalidInputError, match="CRAWL_EVENT_MODE needs an EventQueueArn for every target"):
        create_crawler(catalog, Crawler("x", (S3Target("s3://b/"),), recrawl_behavior="CRAWL_EVENT_MODE"))
