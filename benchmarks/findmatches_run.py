"""findmatches measured as people use it: its commands, with an oracle that fills in every labeling file."""

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.command import Cost, run
from benchmarks.datasets import Dataset, column
from benchmarks.oracle import answer
from benchmarks.program import Program
from benchmarks.quality import Pair, Quality, count_pairs, count_these
from benchmarks.results import Estimate

NAME = "measured"
NOTHING_TO_ASK = "There is nothing to ask"


class CommandError(Exception):
    """A command ended with an error."""


@dataclass(frozen=True)
class Measured:
    """The matches after a number of labeling files."""

    files: int
    rows: int
    quality: Quality
    unseen: Quality | None
    estimate: Estimate | None
    cost: Cost


def measure(dataset: Dataset, seed: int, files: Collection[int], program: Program) -> Iterator[Measured]:
    """Yield the quality after each of these numbers of labeling files, in one workspace.

    The cost is that of all commands up to there, also of those that wrote the matches after fewer files.
    """
    with TemporaryDirectory(prefix="findmatches-accuracy-") as folder:
        person = _Person(dataset, Path(folder), seed, program)
        person.begin()
        for number in range(max(files) + 1):
            if number:
                person.label_a_file(number)
            if number in files:
                yield person.look(number)


@dataclass
class _Person:
    """Somebody who types commands in a folder of their own."""

    dataset: Dataset
    folder: Path
    seed: int
    program: Program
    rows: int = 0
    shown: set[Pair] = field(default_factory=set)
    cost: Cost = field(default_factory=Cost)

    def begin(self) -> None:
        """Register the table and say how it is to be matched."""
        self._type("crawl", self.dataset.records, "--database", "measured", "--table", "records")
        source = ["--source-column", "source"] if self.dataset.is_link else []
        self._type("transform", "create", NAME, "--table", "measured.records", "--primary-key", "id", *source)

    def label_a_file(self, number: int) -> None:
        """Ask for a labeling file, have it answered and bring it back; no file comes when nothing is left to ask."""
        to_label, labelled = self.folder / f"to_label_{number}.csv", self.folder / f"labelled_{number}.csv"
        try:
            self._type("labels", "generate", NAME, "--output", to_label)
        except CommandError as error:
            if NOTHING_TO_ASK in str(error):
                return
            raise
        rows, shown = answer(to_label, self.dataset.truth, labelled)
        self.rows, self.shown = self.rows + rows, self.shown | shown
        self._type("labels", "import", NAME, labelled)

    def look(self, files: int) -> Measured:
        """Write the matches and compare them with the truth."""
        output = self.folder / f"matches_{files}.csv"
        self._type("run", NAME, "--output", output)
        estimate = self._estimate() if self.rows else None
        cluster, truth, source = column(output, "id", "match_id"), self.dataset.truth, self.dataset.source
        counts = count_pairs(cluster, truth, source)
        unseen = counts.without(count_these(self.shown, cluster, truth, source))
        unseen_quality = unseen.quality if unseen.true else None
        return Measured(files, self.rows, counts.quality, unseen_quality, estimate, self.cost)

    def _estimate(self) -> Estimate:
        said = json.loads(self._type("evaluate", NAME, "--json"))
        low, high = said["Intervals"]["F1"]
        return Estimate(said["F1"], low, high)

    def _type(self, *words: object) -> str:
        environment = self.program.environment(self.folder / "home", self.seed)
        done = run([*self.program.command, *words], environment)
        self.cost += done.cost
        if done.exit_code:
            raise CommandError(f"findmatches {words[0]}: {done.last_line}")
        return done.output
