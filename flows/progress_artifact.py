"""How far a long step is, on the page of its run."""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast
from uuid import UUID

from prefect.artifacts import create_progress_artifact, update_progress_artifact

from matching.progress import Stage
from matching.progress import logger as stages_logger
from tasks.forecast import RUN, Forecast

SECONDS_BETWEEN = 2.0
FIRST_SECONDS = 3.0  # a step that is done before is not worth a bar

logger = logging.getLogger("findmatches.flows")


class ProgressArtifact(logging.Handler):
    """Hears what stages tell, and keeps one artifact up to date, now and then."""

    def __init__(self, step: str) -> None:
        super().__init__(logging.DEBUG)
        self._step = step
        self._forecast = Forecast(RUN)
        self._artifact_id: UUID | None = None
        self._next = time.monotonic() + FIRST_SECONDS

    def emit(self, record: logging.LogRecord) -> None:
        """Take note of a stage; what is wrong with the server is not the step's matter."""
        told = record.__dict__
        self._forecast.note(Stage(told["stage"]), told["done"])
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + SECONDS_BETWEEN
            self._show(100 * self._forecast.share)

    def finish(self) -> None:
        """Say that all is done, where anything was said."""
        if self._artifact_id is not None:
            self._show(100.0)

    def _show(self, percent: float) -> None:
        try:
            if self._artifact_id is None:
                made = create_progress_artifact(percent, key=None, description=f"How far {self._step} is")
                self._artifact_id = cast("UUID", made)
            else:
                update_progress_artifact(artifact_id=self._artifact_id, progress=percent)
        except Exception as error:  # noqa: BLE001 - the bar is not worth a failed step
            logger.debug("progress could not be shown: %s", error)


@contextmanager
def shown_progress(step: str) -> Iterator[None]:
    """Show on the run's page how far the step in the body is, and pass nothing of it on to other logs."""
    artifact = ProgressArtifact(step)
    level, propagate = stages_logger.level, stages_logger.propagate
    stages_logger.setLevel(logging.DEBUG)
    stages_logger.propagate = False
    stages_logger.addHandler(artifact)
    try:
        yield
        artifact.finish()
    finally:
        stages_logger.removeHandler(artifact)
        stages_logger.setLevel(level)
        stages_logger.propagate = propagate
