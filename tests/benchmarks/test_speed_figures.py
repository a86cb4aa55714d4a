"""What timings come to, who takes turns when, and what bad input says."""

import doctest
import os
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest

from benchmarks import kernel, page_parts, speed, speed_figures, speed_findmatches
from benchmarks.command import Cost, apart, pinned
from benchmarks.datasets import Dataset
from benchmarks.findmatches_run import CommandError
from benchmarks.speed_figures import Spread, exponent, in_turns, spread_of
from benchmarks.speed_findmatches import workers_of
from benchmarks.speed_results import Measured, TimingFile
from benchmarks.speed_tables import Table, made_tables


@pytest.mark.parametrize("module", [speed_figures, speed_findmatches, page_parts, kernel], ids=lambda m: m.__name__)
def test_the_examples_of_the_module_hold(module: ModuleType) -> None:
    assert doctest.testmod(module).failed == 0


@pytest.mark.parametrize("power", [0.5, 1.0, 2.0])
def test_the_exponent_is_the_power_that_made_the_numbers(power: float) -> None:
    rows = [10_000, 100_000, 1_000_000]
    assert exponent(rows, [3 * number**power for number in rows]) == pytest.approx(power)


@pytest.mark.parametrize(
    ("rows", "seconds"),
    [
        pytest.param([10], [1.0], id="one size"),
        pytest.param([10, 10], [1.0, 2.0], id="one size twice"),
        pytest.param([10, 20], [0.0, 2.0], id="no time"),
    ],
)
def test_there_is_no_exponent_of_what_tells_none(rows: list[int], seconds: list[float]) -> None:
    assert exponent(rows, seconds) is None


def test_a_spread_is_the_median_between_least_and_most() -> None:
    assert spread_of([5.0, 1.0, 2.0]) == Spread(2.0, 1.0, 5.0)
    assert spread_of([4.0]) == Spread(4.0, 4.0, 4.0)


def test_every_second_repeat_goes_the_other_way() -> None:
    assert "".join(system for _, system in in_turns("ABC", 3)) == "ABCCBAABC"


@pytest.mark.parametrize(("threads", "cores"), [(1, 1), (2, 2), (2, 8), (4, 4), (6, 32), (8, 8)])
def test_workers_come_to_the_threads_that_were_asked_for(threads: int, cores: int) -> None:
    workers = workers_of(threads, cores)
    assert speed_findmatches.workers_for(workers, cores, 1000).threads == threads


def test_threads_that_no_workers_come_to_are_an_error() -> None:
    with pytest.raises(SystemExit, match="No workers come to 3 threads on this machine of 8 cores"):
        workers_of(3, cores=8)


def test_commands_run_pinned_and_all_is_as_before_afterwards() -> None:
    before = dict(os.environ)
    with pinned(1):
        assert apart(os.getenv, "OMP_NUM_THREADS") == "1"
        if hasattr(os, "sched_getaffinity"):
            assert len(apart(os.sched_getaffinity, 0)) == 1
    assert dict(os.environ) == before


@pytest.mark.parametrize(
    ("words", "message"),
    [
        pytest.param(
            ["--generator", "/nowhere/people.py"], "no generator of tables at '/nowhere/people.py'", id="generator"
        ),
        pytest.param(["--sizes", "1000,99"], "rows from 100, and '99' is not", id="small size"),
        pytest.param(["--sizes", "many"], "rows from 100, and 'many' is not", id="size in words"),
        pytest.param(["--peers", "splink,zingg"], "no peer 'zingg'. There are: splink, dedupe", id="peer"),
        pytest.param(["--tables", "/nowhere"], "'/nowhere' has no table", id="tables"),
        pytest.param(["--repeats", "0"], "must be at least 1", id="repeats"),
        pytest.param(["--page-only", "--results", "/nowhere/speed.jsonl"], "no timing to show yet", id="no results"),
    ],
)
def test_bad_input_ends_in_one_line(words: list[str], message: str, tmp_path: Path) -> None:
    with pytest.raises(SystemExit) as stopped:
        speed.main([*words, "--output", str(tmp_path / "page.md"), "--environments", str(tmp_path)])
    assert message in str(stopped.value)
    assert "\n" not in str(stopped.value)
    assert not list(tmp_path.iterdir())


def test_a_generator_is_asked_once_for_each_size(tmp_path: Path) -> None:
    generator = tmp_path / "make.py"
    generator.write_text(
        "import sys, pathlib\nrows, folder = sys.argv[1:3]\nplace = pathlib.Path(folder)\n"
        "place.mkdir(parents=True)\n(place / 'meta.json').write_text('{\"task\": \"dedup\"}')\n"
    )
    for _ in range(2):  # a second call of the generator would fail, as the folder is there
        tables = made_tables(generator, [200, 100], tmp_path / "tables")
        assert [table.rows for table in tables] == [100, 200]


def test_a_generator_that_fails_says_why(tmp_path: Path) -> None:
    generator = tmp_path / "make.py"
    generator.write_text("raise SystemExit('no names')\n")
    with pytest.raises(SystemExit, match=r"made no table of 100 rows: no names$"):
        made_tables(generator, [100], tmp_path / "tables")


def test_an_interrupted_run_goes_on_and_a_peer_that_failed_is_not_tried_again(tmp_path: Path) -> None:
    table, asked = Table(_dataset(tmp_path), 3), []

    def measure(_: Dataset) -> Measured:
        asked.append("findmatches")
        return Measured({"run": Cost(1, 1, 1)}, {})

    def fail(_: Dataset) -> Measured:
        asked.append("splink")
        raise CommandError("out of luck")

    ours = speed.System("findmatches", "code1", "abc", "", measure)
    theirs = replace(ours, name="splink", measure=fail)
    for repeats in (1, 2, 2):
        speed.measure_table(table, [ours, theirs], repeats, TimingFile(tmp_path / "speed.jsonl"))
    assert asked == ["findmatches", "splink", "findmatches"]
    assert [each.status for each in TimingFile(tmp_path / "speed.jsonl")] == ["ok", "failed: out of luck", "ok"]


def _dataset(folder: Path) -> Dataset:
    (folder / "records.csv").write_text("id,name\n1,ann\n2,an\n3,bob\n")
    (folder / "truth.csv").write_text("id,entity\n1,x\n2,x\n3,y\n")
    return Dataset("things", folder, is_link=False)
