"""A table that grows step by step: what incremental runs find and cost, beside full runs over the same rows.

    python -m benchmarks.incremental FOLDER [--first 0.1] [--steps 9] [--files 0] [--seed 0]

FOLDER holds records.csv (key `id`; with `source` where two lists are linked), truth.csv (id, entity) and meta.json.
The `--first` share of the rows is matched by a full run, after `--files` labeling files about it were answered from the
truth; then the file grows in equal steps, is crawled again and matched by `run --incremental`.  Beside each of these
stands a full run in a copy of the workspace: same labels, same model.  `equal` is the share of the pairs of rows with
one match_id in either run that have one in both; F1 is measured against the truth of the rows there are.
"""

import argparse
import csv
import json
import random
import shutil
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.command import Done, run
from benchmarks.datasets import Dataset, column, datasets_in
from benchmarks.oracle import answer
from benchmarks.program import Program, copied_program
from benchmarks.quality import count_pairs

NAME = "grows"


@dataclass(frozen=True)
class Step:
    """One size of the table: seconds of processors of both runs, and how their matches compare."""

    rows: int
    incremental: bool
    incremental_seconds: float
    full_seconds: float
    equal: float
    incremental_f1: float
    full_f1: float
    ids: Mapping[str, int]


class Table:
    """A file that grows, in a folder of its own."""

    def __init__(self, dataset: Dataset, path: Path, seed: int) -> None:
        with dataset.records.open(encoding="utf-8-sig", newline="") as file:
            self.header, *self.rows = csv.reader(file)
        random.Random(seed).shuffle(self.rows)
        self.path = path

    def grow_to(self, rows: int) -> None:
        """Let the file hold the first `rows` rows."""
        with self.path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([self.header, *self.rows[:rows]])


class Workspace:
    """A folder with a workspace, in which commands are typed."""

    def __init__(self, folder: Path, program: Program, seed: int) -> None:
        self.folder, self.program, self.seed = folder, program, seed

    def type(self, *words: object, home: str = "home") -> Done:
        """Run a command of findmatches; one that fails ends the measurement."""
        done = run([*self.program.command, *words], self.program.environment(self.folder / home, self.seed))
        if done.exit_code:
            raise SystemExit(f"findmatches {words[0]}: {done.last_line}")
        return done

    def copied(self) -> str:
        """Make a fresh copy of the workspace and return its name."""
        shutil.rmtree(self.folder / "copy", ignore_errors=True)
        shutil.copytree(self.folder / "home", self.folder / "copy")
        return "copy"


def main() -> None:
    """Measure and print a line a step."""
    given = _parser().parse_args()
    (dataset,) = datasets_in(given.folder.absolute().parent, [given.folder.absolute().name])
    with TemporaryDirectory(prefix="findmatches-grows-") as folder, copied_program() as program:
        print(f"{dataset.name}, first {given.first:g}, {given.files} labeling files, {program.commit}")
        print("   rows  incremental s  full s   equal  incremental F1  full F1  ids kept/new/merged/split")
        workspace = Workspace(Path(folder), program, given.seed)
        table = Table(dataset, Path(folder) / "records.csv", given.seed)
        begin(workspace, table, dataset, given)
        for number in range(1, given.steps + 1):
            share = given.first + (1 - given.first) * number / given.steps
            show(step(workspace, table, dataset, round(len(table.rows) * share)))


def begin(workspace: Workspace, table: Table, dataset: Dataset, given: argparse.Namespace) -> None:
    """Match the first rows by a full run, with as many labeling files as wanted."""
    table.grow_to(round(len(table.rows) * given.first))
    workspace.type("crawl", table.path, "--table", NAME)
    source = ["--source-column", "source"] if dataset.is_link else []
    workspace.type("transform", "create", NAME, "--table", f"default.{NAME}", "--primary-key", "id", *source)
    for number in range(given.files):
        to_label, labelled = (workspace.folder / f"{name}_{number}.csv" for name in ("to_label", "labelled"))
        workspace.type("labels", "generate", NAME, "--output", to_label)
        answer(to_label, dataset.truth, labelled)
        workspace.type("labels", "import", NAME, labelled)
    workspace.type("run", NAME, "--output", workspace.folder / "matches.csv")


def step(workspace: Workspace, table: Table, dataset: Dataset, rows: int) -> Step:
    """Grow the table, and match it both ways."""
    table.grow_to(rows)
    workspace.type("crawl", table.path, "--table", NAME)
    outputs = [workspace.folder / f"{name}.csv" for name in ("matches", "full")]
    full = workspace.type("run", NAME, "--output", outputs[1], "--json", home=workspace.copied())
    grown = workspace.type("run", NAME, "--output", outputs[0], "--incremental", "--json")
    said = json.loads(grown.output)
    found, whole = (column(output, "id", "match_id") for output in outputs)
    return Step(
        rows=rows,
        incremental=said["incremental"],
        incremental_seconds=grown.cost.cpu_seconds,
        full_seconds=full.cost.cpu_seconds,
        equal=equal_pairs(found, whole),
        incremental_f1=_f1(found, dataset),
        full_f1=_f1(whole, dataset),
        ids=said["since_last_run"],
    )


def show(made: Step) -> None:
    """Print one line."""
    ids = "/".join(str(made.ids[f"ids_{name}"]) for name in ("kept", "new", "merged", "split"))
    was = "" if made.incremental else " (was a full run)"
    print(
        f"{made.rows:7,}  {made.incremental_seconds:13.1f}  {made.full_seconds:6.1f}  {made.equal:.4f}"
        f"  {made.incremental_f1:14.4f}  {made.full_f1:7.4f}  {ids}{was}",
        flush=True,
    )


def equal_pairs(one: Mapping[str, str], other: Mapping[str, str]) -> float:
    """Return the share of pairs that both clusterings have, of those that either has; 1 where neither has any.

    >>> equal_pairs({"a": "1", "b": "1", "c": "1"}, {"a": "5", "b": "5", "c": "6"})
    0.3333333333333333
    """
    pairs, others = _pairs(one), _pairs(other)
    return len(pairs & others) / len(pairs | others) if pairs | others else 1.0


def _pairs(cluster: Mapping[str, str]) -> set[tuple[str, str]]:
    groups = defaultdict(list)
    for key in sorted(cluster):
        groups[cluster[key]].append(key)
    return {pair for keys in groups.values() for pair in combinations(keys, 2)}


def _f1(cluster: Mapping[str, str], dataset: Dataset) -> float:
    truth = {key: dataset.truth[key] for key in cluster}
    return count_pairs(cluster, truth, dataset.source).quality.f1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="holds records.csv, truth.csv and meta.json")
    parser.add_argument("--first", type=float, default=0.1, help="share of the rows in the first run")
    parser.add_argument("--steps", type=int, default=9, help="incremental runs over the other rows")
    parser.add_argument("--files", type=int, default=0, help="labeling files about the first rows")
    parser.add_argument("--seed", type=int, default=0, help="of the order of the rows and of findmatches")
    return parser


if __name__ == "__main__":
    main()
