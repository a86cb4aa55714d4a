"""How far a long step is, for whoever listens: log records of level DEBUG with a stage and how much of it is done."""

import logging
from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import TypeVar

Item = TypeVar("Item")

logger = logging.getLogger("findmatches.progress")


class Stage(StrEnum):
    """The long stages, in order; that of a crawl first."""

    CRAWL = "crawl"
    READ = "read"
    PROFILE = "profile"
    VECTORS = "vectors"
    SEARCH = "search"
    SHORTLIST = "shortlist"
    PREPARE = "prepare"
    COMPARE = "compare"
    FIRST_PASS = "first pass"  # noqa: S105 - a stage's name
    WIDEN = "widen"
    LEARN = "learn"
    SCORE = "score"
    CLUSTER = "cluster"
    WRITE = "write"


def told(stage: Stage, items: Iterable[Item], count: int, start: float = 0.0, end: float = 1.0) -> Iterator[Item]:
    """Yield the items, and tell after each of them how much of the stage is done: from `start` to `end`."""
    for number, item in enumerate(items, start=1):
        yield item
        tell(stage, start + (end - start) * number / max(1, count))


def tell(stage: Stage, done: float) -> None:
    """Tell listeners that so much of the stage is done, from 0 to 1."""
    logger.debug("%s: %.0f %%", stage, 100 * done, extra={"stage": str(stage), "done": done})
