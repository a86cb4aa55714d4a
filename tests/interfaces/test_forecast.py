import logging

import pytest
from rich.progress import Progress

from interfaces.cli.forecast import COSTS, Forecast
from interfaces.cli.progress import BarText
from matching.progress import Stage, tell, told


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_every_stage_has_a_cost() -> None:
    assert list(COSTS) == list(Stage)


def test_nothing_is_known_before_anything_was_told(clock: Clock) -> None:
    forecast = Forecast(Stage.CLUSTER, clock)
    clock.now += 60
    assert (forecast.share, forecast.seconds_left) == (0.0, None)


def test_work_that_goes_as_fast_as_expected_ends_when_foretold(clock: Clock) -> None:
    forecast, total = Forecast(Stage.CLUSTER, clock), sum(COSTS.values())
    for stage, seconds in COSTS.items():
        for done in (0.25, 0.5, 0.75, 1.0):
            clock.now += seconds / 4
            forecast.note(stage, done)
            passed = clock.now - 100
            assert forecast.share == pytest.approx(passed / total)
            if forecast.seconds_left is not None:
                assert forecast.seconds_left == pytest.approx(total - passed)
    assert (forecast.share, forecast.seconds_left) == (1.0, 0.0)


def test_a_slower_machine_takes_longer_in_proportion(clock: Clock) -> None:
    forecast = Forecast(Stage.CLUSTER, clock)
    clock.now += 5 * COSTS[Stage.PROFILE]
    forecast.note(Stage.PROFILE, 1.0)
    assert forecast.seconds_left == pytest.approx(5 * (sum(COSTS.values()) - COSTS[Stage.PROFILE]))


def test_stages_whose_result_was_kept_are_not_waited_for(clock: Clock) -> None:
    forecast = Forecast(Stage.CLUSTER, clock)
    clock.now += 6
    forecast.note(Stage.SCORE, 0.5)
    left = COSTS[Stage.SCORE] / 2 + COSTS[Stage.CLUSTER]
    assert forecast.share == pytest.approx(6 / (6 + left))
    assert forecast.seconds_left == pytest.approx(left)


def test_a_stage_that_begins_again_does_not_take_the_bar_back(clock: Clock) -> None:
    forecast = Forecast(Stage.CLUSTER, clock)
    forecast.note(Stage.VECTORS, 0.9)
    before = forecast.share
    forecast.note(Stage.VECTORS, 0.1)
    assert forecast.share == before


def test_stages_after_the_last_one_of_the_command_do_not_count(clock: Clock) -> None:
    forecast = Forecast(Stage.WIDEN, clock)
    forecast.note(Stage.WIDEN, 1.0)
    forecast.note(Stage.CLUSTER, 0.5)
    assert forecast.share == 1.0


def test_the_bar_follows_what_the_stages_tell() -> None:
    bar = Progress(disable=True)
    task = bar.add_task("run", total=None, left="")
    handler = BarText(bar, task, Forecast(Stage.CLUSTER))
    listened = logging.getLogger("findmatches")
    level = listened.level
    listened.addHandler(handler)
    listened.setLevel(logging.DEBUG)
    try:
        assert list(told(Stage.SCORE, "abcd", 4)) == list("abcd")
        assert bar.tasks[task].percentage == pytest.approx(
            100 * COSTS[Stage.SCORE] / (COSTS[Stage.SCORE] + COSTS[Stage.CLUSTER])
        )
        tell(Stage.CLUSTER, 1)
        assert bar.tasks[task].finished
        logging.getLogger("findmatches.tasks").info("run: %d rows", 3)
        assert bar.tasks[task].description == "run: 3 rows"
    finally:
        listened.removeHandler(handler)
        listened.setLevel(level)
