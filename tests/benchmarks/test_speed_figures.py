"""What timings come to, who takes turns when, and what bad input says."""

import doctest
import os
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from benchmarks import kernel, page_parts, speed, speed_figures, speed_findmatches
from benchmarks.command import Cost, apart, pinned
from benchmarks.datasets import Dataset
from benchmarks.findmatches_run import CommandError
from benchmarks.page_parts import machine
from benchmarks.peer_runs import Limits
from benchmarks.program import Program
from benchmarks.speed_figures import Spread, exponent, in_turns, spread_of
from benchmarks.speed_findmatches import workers_of
from benchmarks.speed_peers import measure_splink
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


def test_what_was_typed_and_on_which_machine_is_kept_with_a_timing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def measure(*_: Any, **__: Any) -> Measured:
        return Measured({"run": Cost(1, 1, 1)}, {})

    (tmp_path / "tables" / "a b").mkdir(parents=True)
    _dataset(tmp_path / "tables" / "a b")
    (tmp_path / "tables" / "a b" / "meta.json").write_text('{"task": "dedup"}')
    monkeypatch.setattr(speed, "copied_program", lambda: nullcontext(Program(tmp_path, "code1", "abc")))
    monkeypatch.setattr(speed_findmatches, "measure", measure)
    places = {name: str(tmp_path / name) for name in ("tables", "results", "output")}
    speed.main(
        ["--peers", "", "--repeats=1", *(word for name, place in places.items() for word in (f"--{name}", place))]
    )
    (timing,) = TimingFile(tmp_path / "results")
    words = " ".join(f"--{name} {place}" for name, place in places.items())
    assert timing.command == f"python benchmarks/speed.py --peers '' --repeats=1 {words}"
    assert timing.machine == machine()


def test_settings_of_the_caller_do_not_reach_the_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("FINDMATCHES_MEMORY_LIMIT", "FINDMATCHES_HOME", "FINDMATCHES_SEED", "PREFECT_HOME"):
        monkeypatch.setenv(name, "of the caller")
    environment = Program(tmp_path, "code1", "abc").environment(tmp_path / "home", 3)
    settings = {name: value for name, value in environment.items() if name.startswith(("FINDMATCHES_", "PREFECT_"))}
    assert settings == {"FINDMATCHES_HOME": str(tmp_path / "home"), "FINDMATCHES_SEED": "3"}


@pytest.mark.parametrize(
    ("script", "seconds", "message"),
    [
        pytest.param("kill -9 $$", 60, r"^splink: killed from outside after 0 s, as happens when memory", id="killed"),
        pytest.param("exec sleep 60", 1, r"^stopped after 1 s$", id="limit of time"),
        pytest.param("echo no table >&2; exit 3", 60, r"^splink: no table$", id="failed"),
    ],
)
def test_splink_is_stopped_by_the_limit_only_where_its_time_was_over(
    script: str, seconds: int, message: str, tmp_path: Path
) -> None:
    python = tmp_path / "python"
    python.write_text(f"#!/bin/sh\n{script}\n")
    python.chmod(0o755)
    with pytest.raises(CommandError, match=message):
        measure_splink(_dataset(tmp_path), python, 1, Limits(seconds, 1))


def _dataset(folder: Path) -> Dataset:
    (folder / "records.csv").write_text("id,name\n1,ann\n2,an\n3,bob\n")
    (folder / "truth.csv").write_text("id,entity\n1,x\n2,x\n3,y\n")
    return Dataset("things", folder, is_link=False)
