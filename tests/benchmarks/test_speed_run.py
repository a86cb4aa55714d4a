"""speed.py measured for real on a small table: every phase, the page, and nothing twice."""

import csv
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest

from benchmarks import speed, speed_findmatches
from benchmarks.datasets import column
from benchmarks.program import ROOT, Program, copied_program
from benchmarks.speed_findmatches import CATALOG, RUN, RUN_AGAIN, asking, forget_comparison, learning
from benchmarks.speed_results import Timing, TimingFile

PERSONS = 150


@pytest.fixture(scope="module")
def program() -> Iterator[Program]:
    with copied_program() as program:
        yield program


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the first persons of data/people as a table."""
    people, folder = ROOT / "data" / "people", tmp_path_factory.mktemp("tables")
    truth = {key: p for key, p in column(people / "truth.csv", "id", "entity").items() if int(p[1:]) < PERSONS}
    with (people / "records.csv").open(encoding="utf-8") as file:
        header, *rows = csv.reader(file)
    place = folder / "few"
    place.mkdir()
    with (place / "records.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *(row for row in rows if row[0] in truth)])
    with (place / "truth.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("id", "entity"), *truth.items()])
    (place / "meta.json").write_text('{"task": "dedup"}')
    return folder


@pytest.fixture(scope="module")
def words(tables: Path) -> list[str]:
    options = ["--repeats", "1", "--labeling-files", "1", "--peers", "", "--threads", "2"]
    places = {"tables": tables, "results": tables / "speed.jsonl", "output": tables / "docs" / "benchmarks.md"}
    return [*options, *(word for name, place in places.items() for word in (f"--{name}", str(place)))]


@pytest.fixture(scope="module")
def timing(words: list[str], tables: Path, program: Program) -> Timing:
    """What came of the only turn."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(speed, "copied_program", lambda: nullcontext(program))
        speed.main(words)
    (found,) = TimingFile(tables / "speed.jsonl")
    return found


@pytest.mark.slow
def test_every_phase_is_measured(timing: Timing) -> None:
    assert timing.status == "ok"
    assert list(timing.measured.phases) == [CATALOG, asking(1), learning(1), RUN, RUN_AGAIN]
    assert all(cost.cpu_seconds > 0 and cost.peak_mib > 0 for cost in timing.measured.phases.values())
    assert timing.measured.f1["run"] > 0.8


@pytest.mark.slow
def test_both_sides_score_the_same_pairs(timing: Timing) -> None:
    scoring = timing.measured.scoring
    assert scoring is not None
    assert scoring.pairs > PERSONS
    assert scoring.kernel_numbers == 9
    assert scoring.similarities > scoring.kernel_numbers


@pytest.mark.slow
def test_the_section_has_a_table_of_the_phases(timing: Timing, tables: Path) -> None:
    page = (tables / "docs" / "benchmarks.md").read_text(encoding="utf-8")
    assert page.startswith("## Speed\n")
    assert f"### {timing.run.rows:,} rows\n" in page
    for phase in timing.measured.phases:
        assert f"| findmatches {phase} | " in page
    assert (tables / "docs" / "images" / "speed.svg").exists()


@pytest.mark.slow
def test_a_second_run_measures_nothing(
    timing: Timing, words: list[str], tables: Path, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(speed, "copied_program", lambda: nullcontext(program))
    monkeypatch.setattr(speed_findmatches, "measure", lambda *_, **__: pytest.fail("it was measured again"))
    speed.main(words)
    assert list(TimingFile(tables / "speed.jsonl")) == [timing]


def test_with_nothing_kept_only_the_classifier_stays(tmp_path: Path) -> None:
    kept = ["catalog.duckdb", "models/m1/classifier.skops"]
    gone = ["artifacts/compared/a.npz", "models/m1/compared.npz", "models/m1/by_forest.npz"]
    for name in (*kept, *gone):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    forget_comparison(tmp_path)
    assert sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()) == kept
