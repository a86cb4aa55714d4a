"""Listing S3, page by page: of each object only what is asked for stays in memory."""

from collections.abc import Iterator
from typing import Any


def s3_objects(filesystem: Any, root: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every object below `root`, a bucket or bucket/prefix, with its name and what a listing tells of it.

    One request for 1,000 objects, tried again as s3fs tries others. `filesystem` is the S3FileSystem to ask.
    """
    bucket, _, key = root.partition("/")
    place = {"Bucket": bucket, "Prefix": f"{key.rstrip('/')}/" if key else ""}
    page: dict[str, Any] = {"NextContinuationToken": None}
    while True:
        token = page["NextContinuationToken"]
        page = filesystem.call_s3("list_objects_v2", **place, **({"ContinuationToken": token} if token else {}))
        for entry in page.get("Contents", ()):
            yield f"{bucket}/{entry['Key']}", {"type": "file", "size": entry["Size"], "ETag": entry["ETag"]}
        if not page.get("IsTruncated"):
            return
