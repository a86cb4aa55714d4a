"""One run of a transform at a time publishes matches; the others wait for their turn."""

import logging
from contextlib import AbstractContextManager

from catalog.database import Catalog
from catalog.transforms import Transform
from storage.workspace import Workspace

logger = logging.getLogger("findmatches.flows")


def turn_of(transform: Transform, home: str) -> AbstractContextManager[None]:
    """Hold the transform's turn; a run that finds it taken waits, and one that is killed does not keep it.

    A concurrency limit of Prefect's server would be kept for another minute by a run that was killed.
    """
    catalog = Catalog.of(Workspace.at(home))

    def waiting() -> None:
        logger.info("wait: another run of transform '%s' is at work; this one goes on after it", transform.name)

    return catalog.turn_of(transform.transform_id, waiting)
