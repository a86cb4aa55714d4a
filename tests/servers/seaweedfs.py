"""An S3 server: SeaweedFS from PyPI, with signatures, multipart uploads and conditional writes, on free ports."""

import json
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import botocore.session
import pytest

ACCESS_KEY, SECRET_KEY = "findmatches", "a secret / of + tests"
PATIENCE_SECONDS = 60
GRPC = 10_000  # added to a port is the other one that a part of SeaweedFS listens on


@dataclass(frozen=True)
class S3Server:
    """A running server; `environment` are the variables that let programs find it."""

    port: int

    @property
    def endpoint(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        """What boto, s3fs and findmatches read."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": ACCESS_KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
            "AWS_DEFAULT_REGION": "us-east-1",
        }

    def client(self) -> Any:
        """A plain client of its own, not the product's."""
        return botocore.session.get_session().create_client(
            "s3",
            endpoint_url=self.endpoint,
            aws_access_key_id=ACCESS_KEY,
            aws_secret_access_key=SECRET_KEY,
            region_name="us-east-1",
        )


@dataclass(frozen=True)
class Bucket:
    """A bucket that only one test uses."""

    server: S3Server
    name: str
    client: Any

    @property
    def url(self) -> str:
        """Its URL, ending with /."""
        return f"s3://{self.name}/"

    def put(self, key: str, body: str | bytes) -> str:
        """Put an object, and return its URL."""
        self.client.put_object(Bucket=self.name, Key=key, Body=body.encode() if isinstance(body, str) else body)
        return self.url + key

    def read(self, key: str) -> bytes:
        """The content of an object."""
        return bytes(self.client.get_object(Bucket=self.name, Key=key)["Body"].read())

    def delete(self, key: str) -> None:
        """Delete an object."""
        self.client.delete_object(Bucket=self.name, Key=key)

    def keys(self) -> list[str]:
        """The keys of all objects, at most 1,000."""
        found = self.client.list_objects_v2(Bucket=self.name)
        return [entry["Key"] for entry in found.get("Contents", ())]


@pytest.fixture(scope="session")
def s3_server() -> Iterator[S3Server]:
    """A running server."""
    folder = Path(tempfile.mkdtemp(prefix="findmatches-s3-"))
    yield from _running(folder)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def bucket(s3_server: S3Server, monkeypatch: pytest.MonkeyPatch) -> Bucket:
    """An empty bucket; the environment names its server."""
    use_server(s3_server.environment, monkeypatch)
    client = s3_server.client()
    name = f"test-{uuid4().hex[:12]}"
    client.create_bucket(Bucket=name)
    return Bucket(s3_server, name, client)


def use_server(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Let this process, and those that it starts, find a server; connections to others are forgotten."""
    import s3fs

    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    s3fs.S3FileSystem.clear_instance_cache()


def _running(folder: Path) -> Iterator[S3Server]:
    weed = Path(sys.executable).with_name("weed")
    users = [
        {
            "name": "tests",
            "credentials": [{"accessKey": ACCESS_KEY, "secretKey": SECRET_KEY}],
            "actions": ["Admin", "Read", "Write", "List", "Tagging"],
        }
    ]
    (folder / "s3.json").write_text(json.dumps({"identities": users}))
    port, master, volume, filer = (_free_port() for _ in range(4))
    ports = [f"-s3.port={port}", f"-master.port={master}", f"-volume.port={volume}", f"-filer.port={filer}"]
    ports += ["-s3.port.iceberg=0", "-s3.port.lance=0", "-webdav=false", "-admin.ui=false"]
    command = [str(weed), "mini", f"-dir={folder}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", *ports]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [*command, f"-s3.config={folder / 's3.json'}"], stdout=log, stderr=subprocess.STDOUT, cwd=folder
        )
    try:
        server = S3Server(port)
        _wait(process, server, folder / "log")
        yield server
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(process: "subprocess.Popen[bytes]", server: S3Server, log: Path) -> None:
    """Wait until a bucket can be made and written to."""
    end = time.monotonic() + PATIENCE_SECONDS
    client = server.client()
    while True:
        try:
            client.create_bucket(Bucket="ready")
            client.put_object(Bucket="ready", Key="ready", Body=b"ready")
        except Exception as error:
            if process.poll() is not None or time.monotonic() > end:
                raise AssertionError(f"the server did not start:\n{log.read_text(errors='replace')[-3000:]}") from error
            time.sleep(0.2)
        else:
            return


def _free_port() -> int:
    """A port that nobody listens on, nor on the one that its part of the server takes beside it."""
    while True:
        with socket.socket() as listener, socket.socket() as other:
            listener.bind(("127.0.0.1", 0))
            port = int(listener.getsockname()[1])
            with suppress(OSError, OverflowError):
                other.bind(("127.0.0.1", port + GRPC))
                return port
