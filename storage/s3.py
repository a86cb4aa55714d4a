"""S3 through s3fs: how long it is waited for, and listings page by page."""

import os
from collections.abc import Iterator
from typing import Any

from errors import InvalidInputError

CONNECT_SECONDS = 10
READ_SECONDS = 20
TRIES = 3  # of one request, a little later each time
S3_ROUNDS = 2  # of these tries, as s3fs counts; for the content of a file as many again
CONNECTIONS = 64  # at once; more than heads are read at once


def s3_options() -> dict[str, Any]:
    """What s3fs is told: a server that does not answer, or says SlowDown for minutes, is given up.

    FINDMATCHES_S3_TIMEOUT is how many seconds it may be silent at a time, 20 when it is not set; a dozen such times are
    an error.
    """
    seconds = _seconds(os.environ.get("FINDMATCHES_S3_TIMEOUT"))
    return {
        "config_kwargs": {
            "connect_timeout": min(CONNECT_SECONDS, seconds),
            "read_timeout": seconds,
            "retries": {"mode": "standard", "total_max_attempts": TRIES},
            "max_pool_connections": CONNECTIONS,
        }
    }


def s3_objects(filesystem: Any, root: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every object below `root`, a bucket or bucket/prefix, with its name and what a listing tells of it.

    One request for 1,000 objects; of each only what is asked for stays in memory. `filesystem` is the S3FileSystem.
    """
    bucket, _, key = root.partition("/")
    place = {"Bucket": bucket, "Prefix": f"{key.rstrip('/')}/" if key else ""}
    page: dict[str, Any] = {"NextContinuationToken": None}
    while True:
        token = page["NextContinuationToken"]
        page = filesystem.call_s3("list_objects_v2", **place, **({"ContinuationToken": token} if token else {}))
        for entry in page.get("Contents", ()):
            told = {"size": entry["Size"], "ETag": entry["ETag"], "LastModified": entry.get("LastModified")}
            yield f"{bucket}/{entry['Key']}", {"type": "file", **told}
        if not page.get("IsTruncated"):
            return


def _seconds(text: str | None) -> float:
    if not text:
        return READ_SECONDS
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0
    if not 0 < seconds <= 3600:
        raise InvalidInputError(f"FINDMATCHES_S3_TIMEOUT is '{text}', which is no number of seconds up to 3600.")
    return seconds
