"""DynamoDB and SQS: moto's server, which takes any key, in this process."""

import os
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import botocore.session
import pytest

ENVIRONMENT = {"AWS_ACCESS_KEY_ID": "any", "AWS_SECRET_ACCESS_KEY": "any"}  # unless a server has others
REGION = "eu-west-1"
ACCOUNT = "123456789012"


@pytest.fixture(scope="session")
def moto_endpoint() -> Iterator[str]:
    """The address of the server."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def dynamodb(moto_endpoint: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A client of DynamoDB; the environment leads to its server."""
    return _client("dynamodb", moto_endpoint, monkeypatch)


@pytest.fixture
def queue(moto_endpoint: str, monkeypatch: pytest.MonkeyPatch) -> tuple[Any, str, str]:
    """A client of SQS, the URL of a new queue, and its ARN; the environment leads to its server."""
    client = _client("sqs", moto_endpoint, monkeypatch)
    name = f"objects-{uuid4().hex[:8]}"
    url = client.create_queue(QueueName=name)["QueueUrl"]
    return client, url, f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}"


def _client(service: str, endpoint: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, os.environ.get(name, value))
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    monkeypatch.setenv(f"AWS_ENDPOINT_URL_{service.upper()}", endpoint)
    return botocore.session.get_session().create_client(service, endpoint_url=endpoint)
