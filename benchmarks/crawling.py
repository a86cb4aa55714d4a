"""How long a crawl of S3 takes, and how many requests: of 1, 1,000 and 100,000 small objects, first and unchanged.

Asks a server that the AWS_… variables name; SeaweedFS, which the development group installs, is one (`weed mini`):

    AWS_ENDPOINT_URL=http://127.0.0.1:8333 AWS_ACCESS_KEY_ID=… AWS_SECRET_ACCESS_KEY=… AWS_DEFAULT_REGION=us-east-1
    python -m benchmarks.crawling --sizes 1 1000 100000

Objects of five CSV records lie in folders of 1,000, `part=000/f000000.csv`; those that are there already stay.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

FOLDER = 1000  # objects
COUNTED = """
import json, resource, sys, time
from collections import Counter
from aiobotocore.httpsession import AIOHTTPSession

seen, send = Counter(), AIOHTTPSession.send

async def counted(self, request):
    seen["LIST" if "list-type=2" in request.url else request.method] += 1
    return await send(self, request)

AIOHTTPSession.send = counted
began = time.monotonic()
from interfaces.cli import app
try:
    app(sys.argv[1:], prog_name="findmatches")
finally:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    told = {"seconds": round(time.monotonic() - began, 1), "requests": seen, "peak_mib": peak}
    print(json.dumps(told), file=sys.stderr)
"""


def main(words: Sequence[str] | None = None) -> None:
    """Fill the bucket, crawl, crawl again, and print a line for each crawl."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1, 1000, 100_000], help="how many objects")
    parser.add_argument("--bucket", default="crawling-benchmark", help="made when it is not there")
    told = parser.parse_args(words)
    print("| objects | crawl | seconds | GET | LIST | HEAD | GET per object | peak MiB |")
    print("|---|---|---|---|---|---|---|---|")
    for size in told.sizes:
        _fill(told.bucket, size)
        with tempfile.TemporaryDirectory(prefix="findmatches-crawling-") as home:
            for which in ("first", "unchanged"):
                _print(size, which, _crawl(f"s3://{told.bucket}/{size}/", home))


def _fill(bucket: str, size: int) -> None:
    client = _client()
    if bucket not in {each["Name"] for each in client.list_buckets()["Buckets"]}:
        client.create_bucket(Bucket=bucket)
    last = _key(size, size - 1)
    if "Contents" in client.list_objects_v2(Bucket=bucket, Prefix=last):
        return
    with ThreadPoolExecutor(32) as pool:
        for _ in pool.map(lambda number: _put(client, bucket, _key(size, number), number), range(size)):
            pass


def _key(size: int, number: int) -> str:
    return f"{size}/part={number // FOLDER:03d}/f{number:06d}.csv"


def _put(client: Any, bucket: str, key: str, number: int) -> None:
    records = "".join(f"{number * 5 + i},Ada {i},Rome,{i}.5\n" for i in range(5))
    client.put_object(Bucket=bucket, Key=key, Body=f"id,name,town,price\n{records}".encode())


def _crawl(url: str, home: str) -> dict[str, Any]:
    environment = {**os.environ, "FINDMATCHES_HOME": home}
    command = [sys.executable, "-c", COUNTED, "crawl", url, "--table", "objects"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stderr)
    told: dict[str, Any] = json.loads(done.stderr.splitlines()[-1])
    return told


def _print(size: int, which: str, told: dict[str, Any]) -> None:
    requests = told["requests"]
    gets = requests.get("GET", 0)
    counts = f"{gets:,} | {requests.get('LIST', 0)} | {requests.get('HEAD', 0)} | {gets / size:.3f}"
    print(f"| {size:,} | {which} | {told['seconds']} | {counts} | {told['peak_mib']} |", flush=True)


def _client() -> Any:
    import botocore.session
    from botocore.config import Config

    return botocore.session.get_session().create_client("s3", config=Config(max_pool_connections=64))


if __name__ == "__main__":
    main()
