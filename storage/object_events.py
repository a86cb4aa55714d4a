"""What an SQS queue tells of objects that came, changed or went: S3's notices, plain, through SNS or EventBridge."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote_plus

from errors import InvalidInputError
from storage.files import StoredFile, reading

AT_ONCE = 10  # messages, SQS's limit
HIDDEN_SECONDS = 900  # how long others do not see messages that were received

_ARN = re.compile(r"arn:aws[a-z-]*:sqs:([a-z0-9-]+):(\d+):([\w.-]+)")


@dataclass(frozen=True)
class ObjectEvent:
    """One object as an event tells of it: how it is now, or None where it is gone. `order` grows with time."""

    path: str
    file: StoredFile | None
    order: str = ""


@dataclass(frozen=True)
class EventQueue:
    """The queue of an ARN, arn:aws:sqs:REGION:ACCOUNT:NAME."""

    arn: str
    receipts: list[str] = field(default_factory=list)

    def read(self) -> list[ObjectEvent]:
        """Receive all messages that wait, and return their events, the oldest first; `forget` removes the messages."""
        client, url = self._client()
        events: list[ObjectEvent] = []
        with reading(self.arn):
            while messages := _received(client, url):
                for message in messages:
                    self.receipts.append(message["ReceiptHandle"])
                    events += events_of(message["Body"])
        return sorted(events, key=lambda event: event.order)

    def forget(self) -> None:
        """Remove the messages that were read."""
        client, url = self._client()
        with reading(self.arn):
            for start in range(0, len(self.receipts), AT_ONCE):
                some = self.receipts[start : start + AT_ONCE]
                entries = [{"Id": str(number), "ReceiptHandle": receipt} for number, receipt in enumerate(some)]
                client.delete_message_batch(QueueUrl=url, Entries=entries)
        self.receipts.clear()

    def _client(self) -> tuple[Any, str]:
        import botocore.session
        from botocore.config import Config

        found = _ARN.fullmatch(self.arn)
        if not found:
            raise InvalidInputError(
                f"'{self.arn}' is not the ARN of an SQS queue. Write arn:aws:sqs:REGION:ACCOUNT:NAME."
            )
        region, account, name = found.groups()
        config = Config(connect_timeout=10, read_timeout=60, retries={"mode": "standard", "total_max_attempts": 5})
        client = botocore.session.get_session().create_client("sqs", region_name=region, config=config)
        try:
            with reading(self.arn):
                return client, client.get_queue_url(QueueName=name, QueueOwnerAWSAccountId=account)["QueueUrl"]
        except InvalidInputError as error:
            if isinstance(error.__cause__, client.exceptions.QueueDoesNotExist):
                raise InvalidInputError(f"There is no queue '{self.arn}'. Check its name and region.") from error
            raise


def events_of(body: str) -> Iterator[ObjectEvent]:
    """The events in the body of a message; a message that tells of no object gives none."""
    try:
        told = json.loads(body)
    except json.JSONDecodeError:
        return
    if not isinstance(told, dict):
        return
    if isinstance(told.get("Message"), str):
        yield from events_of(told["Message"])
    for record in told.get("Records") or ():
        if "s3" in record:
            yield _event(str(record.get("eventName", "")), record["s3"], unquote_plus(record["s3"]["object"]["key"]))
    if "object" in (told.get("detail") or {}):
        yield _event(str(told.get("detail-type", "")), told["detail"], told["detail"]["object"]["key"])


def after_events(files: Iterable[StoredFile], root: str, events: Iterable[ObjectEvent]) -> list[StoredFile]:
    """The files below `root` as events have changed them, by path."""
    now = {file.path: file for file in files}
    for event in events:
        if not event.path.startswith(root) or _is_hidden(event.path.removeprefix(root)):
            continue
        if event.file is None:
            now.pop(event.path, None)
        else:
            now[event.path] = event.file
    return sorted(now.values(), key=lambda file: file.path)


def _event(name: str, told: dict[str, Any], key: str) -> ObjectEvent:
    path = f"s3://{told['bucket']['name']}/{key}"
    entry = told["object"]
    order = str(entry.get("sequencer", "")).rjust(64, "0")
    if "Removed" in name or "Deleted" in name:
        return ObjectEvent(path, None, order)
    version = str(entry.get("eTag") or entry.get("etag") or "").strip('"')
    return ObjectEvent(path, StoredFile(path, int(entry.get("size", 0)), version), order)


def _received(client: Any, url: str) -> list[dict[str, Any]]:
    answer = client.receive_message(
        QueueUrl=url, MaxNumberOfMessages=AT_ONCE, WaitTimeSeconds=1, VisibilityTimeout=HIDDEN_SECONDS
    )
    return list(answer.get("Messages", ()))


def _is_hidden(path: str) -> bool:
    return path.endswith("/") or any(part.startswith((".", "_")) for part in path.split("/"))
