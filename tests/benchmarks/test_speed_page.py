"""The section Speed says what was measured, and neither part of the page destroys the other."""

import json
from dataclasses import asdict, replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from benchmarks import speed
from benchmarks.command import Cost, Done
from benchmarks.page_parts import machine, parts_of, write_part
from benchmarks.results import DEDUPE, FINDMATCHES, OK, SPLINK
from benchmarks.speed_figures import Spread
from benchmarks.speed_findmatches import RUN, asking
from benchmarks.speed_page import ShownTimings, newest_choices, write_section
from benchmarks.speed_peers import splink_phases
from benchmarks.speed_picture import HEIGHT, WIDTH, Line, draw
from benchmarks.speed_results import TOTAL, Measured, Scoring, Timing, TimingFile, Turn
from benchmarks.speed_words import ABOUT_RATIOS, HOW_TO_READ
from tasks.memory_budget import SHARE_OF_MACHINE

SCORING = Scoring(1_000, 9, 0.01, 60, 0.5, 0.03, 0.01)


def ours(rows: int, repeat: int, seconds: float) -> Timing:
    turn = Turn(f"people_{rows}", rows, "data1", FINDMATCHES, repeat, "code1", "2 threads")
    phases = {RUN: Cost(2 * seconds, seconds, 500), asking(1): Cost(seconds, seconds, 400)}
    return Timing(turn, "abc1234", "2026-01-02T03:04:05+00:00", OK, Measured(phases, {"run": 0.98}, SCORING))


def splinks(rows: int, repeat: int, seconds: float) -> Timing:
    found = ours(rows, repeat, seconds)
    measured = Measured({TOTAL: Cost(seconds, seconds, 250)}, {"0.9": 0.8, "0.99": 0.85})
    return replace(found, run=replace(found.run, system=SPLINK), commit="splink==5.0.0", measured=measured)


def dedupes(rows: int, repeat: int, seconds: float) -> Timing:
    found = ours(rows, repeat, seconds)
    measured = Measured({TOTAL: Cost(seconds, seconds, 250)}, {"0.5": 0.7})
    return replace(found, run=replace(found.run, system=DEDUPE), commit="dedupe==3.0.3", measured=measured)


def page_of(timings: list[Timing], path: Path) -> str:
    write_section(path, ShownTimings(timings, newest_choices(timings)))
    return path.read_text(encoding="utf-8")


def test_the_section_shows_medians_spreads_ratios_and_growth(tmp_path: Path) -> None:
    timings = [ours(rows, repeat, rows / 1000 + repeat) for rows in (1_000, 100_000) for repeat in range(3)]
    timings += [splinks(rows, repeat, rows / 500) for rows in (1_000, 100_000) for repeat in range(3)]
    text = page_of(timings, tmp_path / "docs" / "benchmarks.md")
    assert "| findmatches run, nothing kept | 2.0 (1.0 – 3.0) | 4.0 (2.0 – 6.0) | 500 | 0.9800 |" in text
    assert "| Splink, total | 2.0 | 2.0 | 250 | 0.8000 at 0.9, 0.8500 at 0.99 |" in text
    assert f"{ABOUT_RATIOS}\n\n| rows |" in text
    assert "| 1,000 | 1.00 | 2.00 | 2.00 |" in text
    assert "Splink, total 1.00 (1,000 to 100,000 rows)." in text
    assert "| 1,000 | 1,000 | 100,000 | 9 | 33,333 | 60 | 25,000 | 25.0% | 166.7% | 0.5 |" in text
    assert (tmp_path / "docs" / "images" / "speed.svg").exists()


def test_growth_is_told_with_the_sizes_that_each_program_was_measured_at(tmp_path: Path) -> None:
    timings = [ours(rows, 0, rows / 1000) for rows in (1_000, 10_000, 1_000_000)]
    timings += [splinks(rows, 0, rows / 1000) for rows in (1_000, 10_000)]
    text = page_of(timings, tmp_path / "benchmarks.md")
    assert "findmatches run, nothing kept 1.00 (1,000 to 1,000,000 rows); " in text
    assert "Splink, total 1.00 (1,000 to 10,000 rows)." in text


def test_the_page_is_written_where_nothing_was_measured_that_the_picture_shows(tmp_path: Path) -> None:
    text = page_of([dedupes(1_000, 0, 3.0)], tmp_path / "benchmarks.md")
    assert "| dedupe, whole process | 3.0 | 3.0 | 250 | 0.7000 |" in text
    assert "![" not in text
    assert not (tmp_path / "images").exists()


def test_repeats_are_those_of_each_system_on_each_table(tmp_path: Path) -> None:
    failed = replace(splinks(9_000, 0, 1.0), status="failed: stopped after 9 s", measured=Measured({}, {}))
    timings = [ours(1_000, 0, 1.0), ours(1_000, 1, 1.0), splinks(1_000, 0, 1.0), ours(9_000, 0, 1.0), failed]
    text = page_of(timings, tmp_path / "benchmarks.md")
    assert "- repeats: 1,000 rows: findmatches 2, splink 1; 9,000 rows: findmatches 1\n" in text


def test_dedupe_has_one_thread_whatever_the_others_have(tmp_path: Path) -> None:
    text = page_of([ours(1_000, 0, 1.0), dedupes(1_000, 0, 3.0)], tmp_path / "benchmarks.md")
    assert "- settings: findmatches: 2 threads; dedupe: 1 thread, 100 pairs answered\n" in text


def test_machine_and_command_are_those_of_the_timings(tmp_path: Path) -> None:
    first = replace(ours(1_000, 0, 1.0), machine="96 cores", command="python benchmarks/speed.py --sizes 1000")
    second = replace(
        first, run=replace(first.run, repeat=1), command="python benchmarks/speed.py --sizes 1000 --repeats 2"
    )
    text = page_of([first, second], tmp_path / "benchmarks.md")
    assert "- machine: 96 cores\n" in text
    assert text.endswith(f"- command: `{first.command}`; `{second.command}`\n")


def test_timings_that_were_kept_without_machine_and_command_are_shown_and_say_so(tmp_path: Path) -> None:
    kept = replace(splinks(1_000, 0, 1.0), machine="96 cores", command="python benchmarks/speed.py --repeats 1")
    earlier = {name: value for name, value in asdict(ours(1_000, 0, 1.0)).items() if name not in ("machine", "command")}
    lines = [json.dumps(earlier), json.dumps(asdict(kept))]
    (tmp_path / "speed.jsonl").write_text("\n".join(lines) + "\n")
    text = page_of(list(TimingFile(tmp_path / "speed.jsonl")), tmp_path / "benchmarks.md")
    assert "| findmatches run, nothing kept | 1.0 |" in text
    assert f"- machine: 96 cores; not kept with 1 of 2 timings (this page was written on {machine()})\n" in text
    unknown = "not kept with 1 of 2 timings (`python benchmarks/speed.py`, options unknown)"
    assert text.endswith(f"- command: `{kept.command}`; {unknown}\n")


def test_the_page_names_the_memory_that_each_program_may_use() -> None:
    usual = speed._parser().get_default("memory_gib")
    assert f"Splink's DuckDB had {usual} GB and dedupe {usual} GiB" in HOW_TO_READ
    assert f"at most {SHARE_OF_MACHINE * 100:.0f} % of the machine's memory" in HOW_TO_READ


def test_timings_of_another_program_or_of_an_earlier_table_are_not_shown(tmp_path: Path) -> None:
    now = ours(1_000, 0, 7.0)
    older = replace(now, run=replace(now.run, code="code0"), date="2025-01-01T00:00:00+00:00")
    earlier = replace(now, run=replace(now.run, data="data0"), date="2025-01-01T00:00:00+00:00")
    assert ShownTimings([older, earlier, now], newest_choices([older, earlier, now])).chosen == [now]


def test_a_peer_that_failed_says_so(tmp_path: Path) -> None:
    failed = replace(splinks(1_000, 0, 1.0), status="failed: stopped after 9 s", measured=Measured({}, {}))
    text = page_of([ours(1_000, 0, 1.0), failed], tmp_path / "benchmarks.md")
    assert "| splink | failed: stopped after 9 s |" in text
    assert "Splink was not measured." in text


def test_a_timing_comes_back_from_the_file_as_it_was(tmp_path: Path) -> None:
    file = TimingFile(tmp_path / "speed.jsonl")
    kept = [ours(1_000, 0, 1.5), splinks(1_000, 0, 2.5)]
    for one in kept:
        file.add(one)
    assert list(TimingFile(file.path)) == kept


def test_what_splink_says_of_its_phases_adds_up() -> None:
    wall = {"read": 1.0, "train": 2.0, "predict": 3.0, "cluster 0.5": 9.0, "cluster 0.9": 4.0}
    said = {"seconds": wall, "cpu_seconds": {name: 2 * value for name, value in wall.items()}}
    phases = splink_phases(Done(json.dumps(said), "", 0, Cost(50.0, 25.0, 300)))
    assert phases[TOTAL] == Cost(20.0, 10.0, 300)
    assert phases["whole process"] == Cost(50.0, 25.0, 300)


def test_each_part_of_the_page_is_kept_while_the_other_is_written(tmp_path: Path) -> None:
    page = tmp_path / "benchmarks.md"
    write_part(page, accuracy="# Benchmarks\n\nold\n")
    write_part(page, speed="## Speed\n\nfast\n\n### Sizes\n")
    write_part(page, accuracy="# Benchmarks\n\nnew\n")
    assert page.read_text() == "# Benchmarks\n\nnew\n\n## Speed\n\nfast\n\n### Sizes\n"
    write_part(page, speed="## Speed\n\nfaster\n")
    assert page.read_text() == "# Benchmarks\n\nnew\n\n## Speed\n\nfaster\n"


@pytest.mark.parametrize("page", ["", "# A\n", "## Speed\n", "# A\n\n### Speed\n\n## Speed of light\n\n## Speed\nb\n"])
def test_the_two_parts_are_the_page(page: str) -> None:
    accuracy, speed = parts_of(page)
    assert accuracy + speed == page
    assert speed in ("", page) or speed == "## Speed\nb\n"


@pytest.mark.parametrize("seconds", [(0.02, 0.5), (10.0, 10.0), (3.0, 70_000.0)], ids=["short", "power of ten", "long"])
def test_every_point_of_the_picture_lies_inside_it(seconds: tuple[float, float]) -> None:
    points = [(rows, Spread(each, each / 2, 2 * each)) for rows, each in zip((300, 1_000_000), seconds, strict=True)]
    picture = ET.fromstring(draw([Line("a < b", points), Line("one", points[:1])]))
    marks = [(float(mark.attrib["cx"]), float(mark.attrib["cy"])) for mark in picture.findall("{*}circle")]
    assert len(marks) == 3  # one of them in the legend
    assert all(0 < x < WIDTH and 0 < y < HEIGHT for x, y in marks)
    assert "a < b" in [text.text for text in picture.findall("{*}text")]
