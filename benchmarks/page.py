"""The part of docs/benchmarks.md about accuracy and its picture, written from the results."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

from benchmarks.datasets import Dataset
from benchmarks.page_parts import machine, table, write_part
from benchmarks.page_words import COLUMN_NAMES, HOW_PEERS_RUN, HOW_TO_READ, INTRODUCTION, ROW_NAMES, WHAT_SETS_ARE
from benchmarks.peer_runs import Limits
from benchmarks.picture import Panel, Point, draw
from benchmarks.quality import count_pairs
from benchmarks.results import DEDUPE, FINDMATCHES, SPLINK, Result

PICTURE = "images/f1_by_labels.svg"
SYSTEMS = (FINDMATCHES, SPLINK, DEDUPE)

Row = tuple[str, int]  # a system and what it was asked


@dataclass(frozen=True)
class Shown:
    """What the page is about: the results of these data sets, systems and numbers of files."""

    datasets: Sequence[Dataset]
    results: Sequence[Result]
    codes: Mapping[str, str]
    rounds: Sequence[int]
    limits: Limits
    command: str

    def of(self, dataset: Dataset) -> dict[Row, list[Result]]:
        """Return the results of one data set by system and by what was asked, in the order of the page."""
        found: dict[Row, list[Result]] = defaultdict(list)
        for result in self.results:
            run = result.run
            wanted = run.system != FINDMATCHES or run.asked in self.rounds
            if (run.dataset, run.data, run.code) == (
                dataset.name,
                dataset.version,
                self.codes.get(run.system),
            ) and wanted:
                found[run.system, run.asked].append(result)
        return {row: found[row] for row in sorted(found, key=lambda row: (SYSTEMS.index(row[0]), row[1]))}


def write_page(path: Path, shown: Shown) -> None:
    """Write the part about accuracy and its picture; nothing when there is no result."""
    tables = {dataset: rows for dataset in shown.datasets if (rows := shown.of(dataset))}
    if not tables:
        raise SystemExit("There is no result to show yet.")
    picture = path.absolute().parent / PICTURE
    picture.parent.mkdir(parents=True, exist_ok=True)
    several = any(len(results) > 1 for rows in tables.values() for results in rows.values())
    picture.write_text(draw([_panel(dataset, rows) for dataset, rows in tables.items()], several), encoding="utf-8")
    write_part(path, accuracy=_page(tables, shown))


def _page(tables: Mapping[Dataset, dict[Row, list[Result]]], shown: Shown) -> str:
    every = [result for rows in tables.values() for results in rows.values() for result in results]
    return (
        "\n\n".join(
            [
                "# Benchmarks",
                INTRODUCTION,
                f"![F1 against answers, a panel for every data set]({PICTURE})",
                "## F1 over all pairs",
                _overview(tables),
                _estimates(every),
                "## How to read this",
                HOW_TO_READ,
                "## The data sets",
                _sets(tables),
                "## Every number",
                *(f"### {dataset.name}\n\n{_every_number(rows)}" for dataset, rows in tables.items()),
                "## How it was measured",
                _how(every, shown),
                HOW_PEERS_RUN,
            ]
        )
        + "\n"
    )


def _overview(tables: Mapping[Dataset, dict[Row, list[Result]]]) -> str:
    rows = sorted({row for found in tables.values() for row in found}, key=lambda row: (SYSTEMS.index(row[0]), row[1]))
    lines = [[dataset.name, *(_f1(found.get(row, []), 3) for row in rows)] for dataset, found in tables.items()]
    return table(["data set", *map(_name, rows)], lines)


def _every_number(rows: Mapping[Row, list[Result]]) -> str:
    return table(COLUMN_NAMES, [[_name(row), *_numbers(results)] for row, results in rows.items()])


def _numbers(results: list[Result]) -> list[str]:
    good = _good(results)
    cost = [f"{fmean(each.cost.cpu_seconds for each in results):,.0f}", f"{max(e.cost.peak_mib for e in results):,}"]
    if not good:
        return ["", "", "", results[0].status, "", "", "", *cost]
    estimated = [(each.estimate, each.quality.f1) for each in good if each.estimate and each.quality]
    return [
        f"{fmean(each.answers for each in good):.0f}",
        _mean([each.quality.precision for each in good if each.quality]),
        _mean([each.quality.recall for each in good if each.quality]),
        _f1(results, 4),
        _mean([each.unseen.f1 for each in good if each.unseen]),
        f"{fmean(said.error(true) for said, true in estimated):+.4f}" if estimated else "",
        f"{sum(said.holds(true) for said, true in estimated)} of {len(estimated)}" if estimated else "",
        *cost,
    ]


def _f1(results: list[Result], digits: int) -> str:
    values = [each.quality.f1 for each in _good(results) if each.quality]
    if not values:
        return results[0].status if results else ""
    mean = f"{fmean(values):.{digits}f}"
    low, high = (f"{end:.{digits}f}" for end in (min(values), max(values)))
    return mean if low == high else f"{mean} ({low} – {high})"


def _estimates(results: Iterable[Result]) -> str:
    found = [(each.estimate, each.quality.f1) for each in results if each.estimate and each.quality]
    if not found:
        return ""
    error = fmean(abs(said.error(true)) for said, true in found)
    holds = sum(said.holds(true) for said, true in found)
    return (
        "findmatches says itself how good its matches are, after every number of files above 0. Its F1 was off by "
        f"{error:.3f} on average; its 95 % interval held the true F1 in {holds} of {len(found)} runs."
    )


def _sets(tables: Iterable[Dataset]) -> str:
    lines = []
    for dataset in tables:
        pairs = count_pairs(dataset.truth, dataset.truth, dataset.source).true
        task = "link two tables" if dataset.is_link else "find duplicates"
        what = WHAT_SETS_ARE.get(dataset.name, "")
        lines.append([dataset.name, what, task, f"{len(dataset.truth):,}", f"{pairs:,}"])
    return table(["name", "what it holds", "task", "rows", "true pairs"], lines)


def _how(results: Sequence[Result], shown: Shown) -> str:
    ours = [each for each in results if each.run.system == FINDMATCHES]
    commits = sorted({each.commit for each in ours})
    dates = sorted({each.date[:10] for each in results})
    seeds = sorted({each.run.seed for each in ours})
    limits = f"{shown.limits.seconds:,} processor seconds, {shown.limits.memory_gib} GiB of memory"
    facts = {
        "date": " to ".join(dict.fromkeys((dates[0], dates[-1]))),
        "commit": ", ".join(commits) or "none",
        "seeds of findmatches": ", ".join(map(str, seeds)) or "none",
        "command": f"`{shown.command}`",
        "limits of a peer's run": limits,
        "machine": machine(),
    }
    text = "\n".join(f"- {name}: {value}" for name, value in facts.items())
    changed = (
        "\n\nA + behind a commit: files of the program differed from it." if any("+" in c for c in commits) else ""
    )
    return text + changed


def _panel(dataset: Dataset, rows: Mapping[Row, list[Result]]) -> Panel:
    points = {system: _points(rows, system) for system in SYSTEMS}
    return Panel(dataset.name, points[FINDMATCHES], points[SPLINK], points[DEDUPE])


def _points(rows: Mapping[Row, list[Result]], system: str) -> list[Point]:
    points = []
    for (name, _), results in rows.items():
        good = _good(results)
        values = [each.quality.f1 for each in good if each.quality]
        if name == system and values:
            points.append(Point(fmean(each.answers for each in good), fmean(values), min(values), max(values)))
    return points


def _good(results: Iterable[Result]) -> list[Result]:
    return [each for each in results if each.quality]


def _name(row: Row) -> str:
    system, asked = row
    return ROW_NAMES[system](asked)


def _mean(values: Sequence[float]) -> str:
    return f"{fmean(values):.4f}" if values else ""
