"""One run of a transform at a time publishes matches; the others wait for their turn."""

from collections.abc import Iterator
from contextlib import contextmanager

from prefect import get_client
from prefect.concurrency.sync import concurrency

from catalog.transforms import Transform
from flows.runs import is_deployed

LEASE_SECONDS = 60.0  # so long others wait for a run that was killed; the least that Prefect takes


@contextmanager
def turn_of(transform: Transform) -> Iterator[None]:
    """Hold the transform's turn, a concurrency limit of 1 of the Prefect server, against other deployed runs.

    A run by hand has no server to agree with others on, or a person who sees to it.
    """
    if not is_deployed():
        yield
        return
    name = f"findmatches-{transform.transform_id}"
    with get_client(sync_client=True) as client:
        client.upsert_global_concurrency_limit_by_name(name, limit=1)
    with concurrency(name, occupy=1, lease_duration=LEASE_SECONDS):
        yield
