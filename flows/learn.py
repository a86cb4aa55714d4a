"""From stored labels to matches: what every run does once somebody has labelled."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from catalog.transforms import Transform
from flows.finished_steps import once
from flows.runs import this_run
from flows.steps import transform_task
from tasks.estimate_quality import estimate_quality
from tasks.find_matches import RunSummary, find_matches
from tasks.train import TrainSummary, train

R = TypeVar("R")


@dataclass(frozen=True)
class Learned:
    """What was learned from the labels, its estimated quality (Glue's keys), and the matches."""

    model: TrainSummary
    quality: dict[str, Any] = field(repr=False)
    matches: RunSummary


def learn_and_match(
    transform: Transform,
    output: str,
    home: str,
    *,
    scores: bool = False,
    dedupe: bool = False,
    incremental: bool = False,
) -> Learned:
    """Train on the stored labels, estimate the quality, and write the matches.

    The caller holds the transform's turn, so that no other run of it does the same (flows/turns.py).
    """
    name = transform.name

    def step(function: Callable[..., R]) -> Callable[..., R]:
        return once(function, home, transform, f"{this_run()}/{function.__name__}")

    model = transform_task(train, home, name)(name, again=False)
    quality = step(estimate_quality)(name)
    matches = step(find_matches)(name, output, scores=scores, dedupe=dedupe, incremental=incremental)
    return Learned(model, quality, matches)
