import pytest

from matching.progress import Stage
from tasks.forecast import COSTS, LABELING, RUN, TRAIN, Forecast


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
    forecast = Forecast(RUN, clock)
    clock.now += 60
    assert (forecast.share, forecast.seconds_left) == (0.0, None)


def test_work_that_goes_as_fast_as_expected_ends_when_foretold(clock: Clock) -> None:
    forecast, total = Forecast(RUN, clock), sum(COSTS[stage] for stage in RUN)
    for stage in RUN:
        seconds = COSTS[stage]
        for done in (0.25, 0.5, 0.75, 1.0):
            clock.now += seconds / 4
            forecast.note(stage, done)
            passed = clock.now - 100
            assert forecast.share == pytest.approx(passed / total)
            if forecast.seconds_left is not None:
                assert forecast.seconds_left == pytest.approx(total - passed)
    assert (forecast.share, forecast.seconds_left) == (1.0, 0.0)


def test_a_slower_machine_takes_longer_in_proportion(clock: Clock) -> None:
    forecast = Forecast(RUN, clock)
    begun = COSTS[Stage.READ] + COSTS[Stage.PROFILE]
    clock.now += 5 * begun
    forecast.note(Stage.READ, 1.0)
    forecast.note(Stage.PROFILE, 1.0)
    assert forecast.seconds_left == pytest.approx(5 * (sum(COSTS[stage] for stage in RUN) - begun))


def test_stages_whose_result_was_kept_are_not_waited_for(clock: Clock) -> None:
    forecast = Forecast(RUN, clock)
    clock.now += 6
    forecast.note(Stage.SCORE, 0.5)
    left = COSTS[Stage.SCORE] / 2 + COSTS[Stage.CLUSTER] + COSTS[Stage.WRITE]
    assert forecast.share == pytest.approx(6 / (6 + left))
    assert forecast.seconds_left == pytest.approx(left)


def test_a_stage_that_begins_again_does_not_take_the_bar_back(clock: Clock) -> None:
    forecast = Forecast(RUN, clock)
    forecast.note(Stage.VECTORS, 0.9)
    before = forecast.share
    forecast.note(Stage.VECTORS, 0.1)
    assert forecast.share == before


def test_stages_after_the_last_one_of_the_command_do_not_count(clock: Clock) -> None:
    forecast = Forecast(TRAIN, clock)
    forecast.note(Stage.LEARN, 1.0)
    forecast.note(Stage.CLUSTER, 0.5)
    assert forecast.share == 1.0


@pytest.mark.parametrize(
    ("stages", "before_the_end"),
    [
        pytest.param(RUN, Stage.CLUSTER, id="run: match ids and the file are still to come"),
        pytest.param(TRAIN, Stage.WIDEN, id="train: the forest is still to learn"),
        pytest.param(LABELING, Stage.SCORE, id="labels generate: the rows are still to be chosen"),
    ],
)
def test_the_bar_is_not_full_before_the_last_work_of_a_command(clock, stages, before_the_end) -> None:
    forecast = Forecast(stages, clock)
    for stage in stages[: stages.index(before_the_end) + 1]:
        forecast.note(stage, 1.0)
    clock.now += 60
    assert forecast.share < 1
    assert forecast.seconds_left > 1
