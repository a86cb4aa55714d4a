"""Artifacts: what a person finds on the page of a run in Prefect's UI. None of them ever fails a run."""

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from prefect.artifacts import create_markdown_artifact

from errors import FindMatchesError
from flows.markdown import code
from flows.pages import PAGES, page_of_matches, page_of_rejection, page_of_request, table_found
from tasks.find_matches import RunSummary
from tasks.sample_clusters import largest_clusters
from tasks.step_process import run_in_process

SAMPLE_SECONDS = 120

logger = logging.getLogger("findmatches.flows")


def show_result(step: str, about: str, result: Any) -> None:
    """Put what a step returned on the page of its task run; `about` is the transform, where there is one."""
    with _never_failing():
        if isinstance(result, RunSummary):
            clusters = run_in_process(largest_clusters, result.path, seconds=SAMPLE_SECONDS)
            _show("matches", about, page_of_matches(result, clusters), f"Matches in {code(result.path)}")
        elif step in PAGES:
            name, page = PAGES[step]
            _show(name, about or table_found(result), page(result), name.replace("-", " ").capitalize())


def show_request(about: str, labeling_path: str, labels_path: str, wait: str) -> None:
    """Put on the page of the run which file somebody is to label, and where it is awaited."""
    with _never_failing():
        page = page_of_request(labeling_path, labels_path, wait)
        _show("labels-wanted", about, page, f"Label {code(labeling_path)}, put it at {code(labels_path)}")


def show_rejection(about: str, path: str, error: FindMatchesError) -> None:
    """Put what is wrong with a labelled file on the page of the run."""
    with _never_failing():
        _show("labels-not-taken", about, page_of_rejection(path, str(error)), "Labels that were not taken")


def _show(kind: str, about: str, markdown: str, description: str) -> None:
    """Versions of one artifact have one key, so a person can leaf through them."""
    create_markdown_artifact(markdown, key=artifact_key(kind, about), description=description)


def artifact_key(kind: str, about: str) -> str:
    """Return a key of the signs that Prefect allows.

    >>> artifact_key("quality", "People & Co")
    'quality-people-co'
    """
    return re.sub(r"[^a-z0-9]+", "-", f"{kind}-{about}".lower()).strip("-")[:200]


@contextmanager
def _never_failing() -> Iterator[None]:
    try:
        yield
    except Exception as error:  # noqa: BLE001 - the step is done; a page about it is not worth a failed run
        logger.warning("page: what came of the step could not be shown: %s", " ".join(str(error).split()))
