"""How much of a command is done and how long the rest will take, from what its stages tell."""

import time
from collections.abc import Callable, Sequence

from matching.progress import Stage

# What part of the time each stage takes: seconds at 1,000,000 rows of people, on two threads. A crawl stands alone.
COSTS = {
    Stage.CRAWL: 10.0,
    Stage.READ: 5.0,
    Stage.PROFILE: 13.0,
    Stage.VECTORS: 12.0,
    Stage.SEARCH: 30.0,
    Stage.SHORTLIST: 11.0,
    Stage.PREPARE: 11.0,
    Stage.COMPARE: 18.0,
    Stage.FIRST_PASS: 14.0,
    Stage.WIDEN: 5.0,
    Stage.LEARN: 5.0,
    Stage.SCORE: 12.0,
    Stage.CLUSTER: 5.0,
    Stage.WRITE: 8.0,
}

# The stages that a command may come to, where it goes through them once and the last one ends it.
CRAWL = (Stage.CRAWL,)
RUN = tuple(stage for stage in COSTS if stage != Stage.CRAWL)
TRAIN = RUN[: RUN.index(Stage.LEARN) + 1]
LABELING = tuple(stage for stage in RUN if stage != Stage.CLUSTER)

LEAST_DONE, LEAST_SECONDS = 0.05, 3.0


class Forecast:
    """The stages of one command, in order; a stage that is passed over, as its result was kept, counts not.

    What is left is reckoned by how fast the stages so far went.
    """

    def __init__(self, stages: Sequence[Stage], clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._begun = clock, clock()
        self._expected = list(stages)
        self._done: dict[Stage, float] = {}

    def note(self, stage: Stage, done: float) -> None:
        """Take in how much of a stage is done, from 0 to 1; it never falls."""
        if stage in self._expected:
            self._done[stage] = max(done, self._done.get(stage, 0.0))

    @property
    def share(self) -> float:
        """How much of the work is done, from 0 to 1."""
        done, left = self._work()
        return done / (done + left) if self._done else 0.0

    @property
    def seconds_left(self) -> float | None:
        """How long it will take yet; None while there is too little to go by."""
        passed = self._clock() - self._begun
        if self.share < LEAST_DONE or passed < LEAST_SECONDS:
            return None
        done, left = self._work()
        return passed / done * left

    def _work(self) -> tuple[float, float]:
        """Return what is done and what is left, in the unit of COSTS; what came before the newest stage is done."""
        reached = max((self._expected.index(stage) for stage in self._done), default=-1)
        done = sum(COSTS[stage] for stage in self._done if self._expected.index(stage) < reached)
        left = sum(COSTS[stage] for stage in self._expected[reached + 1 :])
        if reached >= 0:
            now = self._expected[reached]
            done, left = done + COSTS[now] * self._done[now], left + COSTS[now] * (1 - self._done[now])
        return done, left
