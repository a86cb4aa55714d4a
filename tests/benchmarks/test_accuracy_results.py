"""The benchmark goes on where it stopped, and its page shows what was measured, failures too."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from benchmarks import accuracy, findmatches_run
from benchmarks.command import Cost, run
from benchmarks.datasets import Dataset, datasets_in
from benchmarks.findmatches_run import CommandError, Measured
from benchmarks.page import Shown, write_page
from benchmarks.peer_runs import Limits
from benchmarks.picture import Panel, Point, draw
from benchmarks.program import Program
from benchmarks.quality import Quality
from benchmarks.results import DEDUPE, FINDMATCHES, OK, Estimate, Result, ResultFile, Run

QUALITY = Quality(0.9, 0.8, 0.8471)
COST = Cost(12.0, 30.0, 400)
LIMITS = Limits(600, 12)
PROGRAM = Program(Path("nowhere"), "code1", "abc1234")

Measure = Callable[[Dataset, int, Collection[int], Program], Iterator[Measured]]


@pytest.fixture
def dataset(tmp_path: Path) -> Dataset:
    folder = tmp_path / "sets" / "things"
    folder.mkdir(parents=True)
    (folder / "records.csv").write_text("id,name\n1,ann\n2,an\n3,bob\n")
    (folder / "truth.csv").write_text("id,entity\n1,x\n2,x\n3,y\n")
    (folder / "meta.json").write_text('{"task": "dedup"}')
    return datasets_in(tmp_path / "sets")[0]


@pytest.fixture
def results(tmp_path: Path) -> ResultFile:
    return ResultFile(tmp_path / "results.jsonl")


def result(dataset: Dataset, system: str = FINDMATCHES, asked: int = 0, seed: int = 0, f1: float = 0.9) -> Result:
    ran = Run(dataset.name, dataset.version, system, seed, asked, "code1")
    quality, estimate = Quality(f1, f1, f1), Estimate(0.91, 0.85, 0.95) if asked else None
    return Result(ran, "abc1234", "2026-01-02T03:04:05+00:00", OK, COST, 100 * asked, quality, quality, estimate)


def measuring(asked: list[set[int]], stop_before: int | None = None) -> Measure:
    """Measure nothing, note what was asked for, and fail where it is told to."""

    def measure(_: Dataset, __: int, files: Collection[int], ___: Program) -> Iterator[Measured]:
        asked.append(set(files))
        for number in sorted(files):
            if number == stop_before:
                raise CommandError("findmatches run: out of luck")
            yield Measured(number, 100 * number, QUALITY, QUALITY, None, COST)

    return measure


def test_a_result_comes_back_from_the_file_as_it_was(results: ResultFile, dataset: Dataset) -> None:
    kept = [result(dataset), result(dataset, asked=1), replace(result(dataset, DEDUPE, 100), quality=None, status="no")]
    for one in kept:
        results.add(one)
    assert list(ResultFile(results.path)) == kept


def test_a_line_that_an_interruption_cut_off_is_measured_again(results: ResultFile, dataset: Dataset) -> None:
    results.add(result(dataset))
    results.add(result(dataset, asked=1))
    results.path.write_text(results.path.read_text()[:-40])
    assert list(ResultFile(results.path)) == [result(dataset)]


def test_an_interrupted_run_measures_only_what_is_missing(
    results: ResultFile, dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[set[int]] = []
    for stop_before in (3, None, None):
        monkeypatch.setattr(findmatches_run, "measure", measuring(asked, stop_before))
        accuracy.measure_findmatches(dataset, 0, [0, 1, 3], PROGRAM, results)
    assert asked == [{0, 1, 3}, {3}]
    assert [one.status for one in results] == [OK, OK, OK]


def test_another_program_or_other_data_is_measured_anew(
    results: ResultFile, dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[set[int]] = []
    monkeypatch.setattr(findmatches_run, "measure", measuring(asked))
    accuracy.measure_findmatches(dataset, 0, [0], PROGRAM, results)
    accuracy.measure_findmatches(dataset, 0, [0], replace(PROGRAM, code="code2"), results)
    dataset.records.write_text("id,name\n1,ann\n2,anne\n3,bob\n")
    accuracy.measure_findmatches(datasets_in(dataset.folder.parent)[0], 0, [0], PROGRAM, results)
    assert asked == [{0}, {0}, {0}]


def test_the_page_shows_means_ranges_and_failures(results: ResultFile, dataset: Dataset, tmp_path: Path) -> None:
    for seed, f1 in enumerate((0.90, 0.96)):
        results.add(result(dataset, seed=seed, f1=f1))
        results.add(result(dataset, asked=1, seed=seed, f1=f1))
    results.add(replace(result(dataset, DEDUPE, 100), quality=None, unseen=None, status="stopped after 600 s"))
    results.add(replace(result(dataset), run=replace(result(dataset).run, code="older", seed=7)))
    page = tmp_path / "docs" / "benchmarks.md"
    codes = {FINDMATCHES: "code1", DEDUPE: "code1"}
    write_page(page, Shown([dataset], list(results), codes, [0, 1], LIMITS, "accuracy.py FOLDER"))
    text = page.read_text(encoding="utf-8")
    assert "| things | 0.930 (0.900 – 0.960) | 0.930 (0.900 – 0.960) | stopped after 600 s |" in text
    assert (
        "| findmatches, 1 file | 100 | 0.9300 | 0.9300 | 0.9300 (0.9000 – 0.9600) | 0.9300 | -0.0200 | 1 of 2 |" in text
    )
    assert "its 95 % interval held the true F1 in 1 of 2 runs." in text
    assert "seeds of findmatches: 0, 1\n" in text
    assert (page.parent / "images" / "f1_by_labels.svg").exists()


def test_without_a_result_there_is_no_page(dataset: Dataset, tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="no result"):
        write_page(tmp_path / "page.md", Shown([dataset], [], {}, [0], LIMITS, ""))
    assert not (tmp_path / "page.md").exists()


def test_an_unknown_data_set_is_named(dataset: Dataset) -> None:
    with pytest.raises(SystemExit, match=r"has no data set 'thing'\. It has: things\.$"):
        datasets_in(dataset.folder.parent, ["thing"])


@pytest.mark.parametrize("lowest", [0.0, 0.05, 0.45, 0.9, 0.99, 1.0])
def test_every_point_of_the_picture_lies_inside_its_panel(lowest: float) -> None:
    points = [Point(0, lowest, lowest, lowest), Point(297, 1.0, lowest, 1.0)]
    picture = ET.fromstring(draw([Panel("a < b", points, points[:1], [])], spread=True))
    panel = picture.find("{*}g")
    assert panel is not None
    heights = [float(mark.attrib["cy"]) for mark in panel.findall("{*}circle")]
    assert len(heights) == 2
    assert 30 <= min(heights) <= max(heights) <= 160
    assert "a < b" in [text.text for text in panel.findall("{*}text")]


def test_a_command_that_takes_too_long_is_ended_with_all_it_started() -> None:
    done = run(["sh", "-c", "sleep 60 & wait"], {"PATH": "/usr/bin:/bin"}, wall_seconds=0.3)
    assert done.exit_code == -9
    assert done.cost.wall_seconds < 20


def test_a_command_tells_what_it_printed_and_how_it_ended() -> None:
    done = run(["sh", "-c", "echo said; echo wrong >&2; exit 3"], {"PATH": "/usr/bin:/bin"})
    assert (done.output, done.last_line, done.exit_code) == ("said\n", "wrong", 3)
