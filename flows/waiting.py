"""Waiting, in this process, for the labelled file that a person puts somewhere."""

import logging
import math
import time
from collections.abc import Callable
from dataclasses import dataclass

from catalog.transforms import TaskRunProperties
from errors import (
    InvalidInputError,
    LabelsRefusedError,
    OperationTimeoutError,
    ResourceNumberLimitExceededError,
    StorageUnreachableError,
)
from flows.steps import as_task
from storage.files import list_files
from tasks.import_labels import ImportSummary

logger = logging.getLogger("findmatches.flows")

LOCAL_POLL_SECONDS, REMOTE_POLL_SECONDS = 0.5, 5.0


@dataclass
class LabelInbox:
    """The path where a person puts the labelled file; every version of the file is taken once."""

    path: str
    minutes: float
    seen: str = ""

    def deliver_to(self, import_labels: Callable[[str], ImportSummary]) -> ImportSummary:
        """Wait for the next version of the file and import it; a wrong one is reported, and the wait goes on."""
        wait = as_task(wait_for_labels, TaskRunProperties(timeout=math.ceil(self.minutes) + 1, max_retries=2))
        deadline = time.monotonic() + self.minutes * 60
        while True:
            self.seen = wait(self.path, self.seen, self.minutes, deadline)
            try:
                return import_labels(self.path)
            except StorageUnreachableError as error:
                logger.warning("wait: '%s' could not be read. %s It is tried again.", self.path, error)
                self.seen = ""
            except (LabelsRefusedError, ResourceNumberLimitExceededError) as error:
                logger.warning("wait: '%s' was not taken. %s Waiting for a corrected file.", self.path, error)


def wait_for_labels(path: str, seen: str, minutes: float, deadline: float) -> str:
    """Return the version of the file at `path` once it is another than `seen` and has stopped changing.

    Two looks in a row must agree, so that a file still being copied is not taken. `deadline` is in the seconds of
    `time.monotonic`; after it OperationTimeoutError names the path.
    """
    before = ""
    while time.monotonic() < deadline:
        now = version_at(path)
        if now and now == before and now != seen:
            return now
        before = now
        time.sleep(REMOTE_POLL_SECONDS if "://" in path else LOCAL_POLL_SECONDS)
    raise OperationTimeoutError(
        f"No labelled file at '{path}' within {minutes:g} minutes. "
        "Save the labelled file there and run again; what is done so far is kept."
    )


def version_at(path: str) -> str:
    """Return what changes when the file at `path` changes; nothing when there is no file."""
    try:
        return " ".join(f"{file.version}:{file.size}" for file in list_files(path))
    except InvalidInputError:
        return ""
