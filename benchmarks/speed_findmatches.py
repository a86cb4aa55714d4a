"""findmatches timed as people use it: its commands one by one, with an oracle that fills in every labeling file."""

import json
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.command import Cost, apart, run
from benchmarks.datasets import Dataset, column
from benchmarks.findmatches_run import NOTHING_TO_ASK, CommandError
from benchmarks.oracle import answer
from benchmarks.program import ROOT, Program
from benchmarks.quality import count_pairs
from benchmarks.speed_results import Measured, Scoring
from catalog.parameters import TaskRunProperties
from catalog.workers import WORKER_SIZES, workers_for

NAME = "timed"
SEED = 0
CATALOG, RUN, RUN_AGAIN = "crawl + transform create", "run, nothing kept", "run, comparison kept"
COMMANDS = ("crawl", "transform create", "labels generate", "labels import", "train", "run")
CLASSIFIER = "classifier.skops"


@dataclass(frozen=True)
class Settings:
    """How findmatches runs; `memory_limit` is given to the `limited` commands, None to none."""

    threads: int
    workers: TaskRunProperties
    files: int
    memory_limit: str | None = None
    limited: frozenset[str] = frozenset()

    def __str__(self) -> str:
        """Return what tells results under these settings apart from others."""
        memory = f", {self.memory_limit} of memory" if self.memory_limit else ""
        return f"{self.threads} threads, {self.files} labeling files{memory}"


def asking(file: int) -> str:
    """Return the name of the phase that asks for a labeling file, counted from 1."""
    return f"labels generate, file {file}"


def learning(file: int) -> str:
    """Return the name of the phase that learns from a labeling file, counted from 1."""
    return f"labels import + train, file {file}"


def workers_of(threads: int, cores: int) -> TaskRunProperties:
    """Return workers that come to just so many threads on a machine of so many cores, the usual ones where they do.

    >>> workers_of(2, cores=2)
    TaskRunProperties(worker_type='G.1X', number_of_workers=2, timeout=2880, max_retries=0)
    >>> workers_of(2, cores=8)
    TaskRunProperties(worker_type='G.025X', number_of_workers=1, timeout=2880, max_retries=0)
    """
    offers = (TaskRunProperties(name, number) for number in range(1, threads + 1) for name in WORKER_SIZES)
    for offer in (TaskRunProperties(), *offers):
        if workers_for(offer, cores, memory_gib=float("inf")).threads == threads:
            return offer
    raise SystemExit(
        f"No workers come to {threads} threads on this machine of {cores} cores. Take --threads {cores} or an even "
        "number below."
    )


def limited_commands(program: Program) -> frozenset[str]:
    """Return the commands that have the option --memory-limit; it stops where none has."""
    environment = program.environment(program.folder / "nowhere", SEED)
    helps = {name: run([*program.command, *name.split(), "--help"], environment).output for name in COMMANDS}
    if found := frozenset(name for name, told in helps.items() if "--memory-limit" in told):
        return found
    raise SystemExit("No command of findmatches that is timed has an option --memory-limit.")


def measure(dataset: Dataset, program: Program, settings: Settings) -> Measured:
    """Label, train, and write the matches twice: with nothing kept but the model, and with the comparison kept."""
    with TemporaryDirectory(prefix="findmatches-speed-") as folder:
        person = _Person(dataset, Path(folder), program, settings)
        person.begin()
        for number in range(1, settings.files + 1):
            if not person.label_a_file(number):
                break
        forget_comparison(person.home)
        f1 = person.write_matches(RUN)
        person.write_matches(RUN_AGAIN)
        return Measured(person.phases, {"run": f1}, person.score())


def forget_comparison(home: Path) -> None:
    """Delete what a workspace keeps of compared pairs, also beside its models; a model's classifier stays."""
    shutil.rmtree(home / "artifacts" / "compared", ignore_errors=True)
    for path in (home / "models").glob("*/*"):
        if path.name != CLASSIFIER:
            path.unlink()


def f1_of(dataset: Dataset, matches: Path, cluster: str) -> float:
    """Return F1 over all pairs of a file with the columns id and `cluster`."""
    return count_pairs(column(matches, "id", cluster), dataset.truth, dataset.source).quality.f1


def _answered(dataset: Dataset, to_label: Path, labelled: Path) -> None:
    answer(to_label, dataset.truth, labelled)


@dataclass
class _Person:
    """Somebody who types commands in a folder of their own, with a watch."""

    dataset: Dataset
    folder: Path
    program: Program
    settings: Settings
    phases: dict[str, Cost] = field(default_factory=dict)

    @property
    def home(self) -> Path:
        """The workspace."""
        return self.folder / "home"

    def begin(self) -> None:
        """Register the table and say how it is to be matched."""
        crawled = self._type("crawl", self.dataset.records, "--database", "timed", "--table", "records")
        source = ["--source-column", "source"] if self.dataset.is_link else []
        workers = self.settings.workers
        source += ["--worker-type", workers.worker_type, "--number-of-workers", str(workers.number_of_workers)]
        words = ["transform", "create", NAME, "--table", "timed.records", "--primary-key", "id", *source]
        self.phases[CATALOG] = crawled + self._type(*words)

    def label_a_file(self, number: int) -> bool:
        """Ask for a labeling file, have it answered and learn from it; False where nothing is left to ask."""
        to_label, labelled = self.folder / f"to_label_{number}.csv", self.folder / f"labelled_{number}.csv"
        try:
            self.phases[asking(number)] = self._type("labels", "generate", NAME, "--output", to_label)
        except CommandError as error:
            if number > 1 and NOTHING_TO_ASK in str(error):
                return False
            raise
        apart(_answered, self.dataset, to_label, labelled)
        imported = self._type("labels", "import", NAME, labelled)
        self.phases[learning(number)] = imported + self._type("train", NAME)
        return True

    def write_matches(self, phase: str) -> float:
        """Write the matches and return their F1."""
        output = self.folder / "matches.csv"
        self.phases[phase] = self._type("run", NAME, "--output", output)
        return apart(f1_of, self.dataset, output, "match_id")

    def score(self) -> Scoring:
        """Time the scoring of the pairs of the last run, beside the bare kernel."""
        environment = self._environment() | {"PYTHONPATH": f"{self.program.folder}:{ROOT}"}
        if self.settings.memory_limit:
            environment["FINDMATCHES_MEMORY_LIMIT"] = self.settings.memory_limit
        done = run([sys.executable, "-P", "-m", "benchmarks.kernel", NAME], environment)
        if done.exit_code:
            raise CommandError(f"benchmarks.kernel: {done.last_line}")
        return Scoring(**json.loads(done.output.splitlines()[-1]))

    def _type(self, *words: object) -> Cost:
        done = run([*self.program.command, *words, *self._memory_limit(words)], self._environment())
        if done.exit_code:
            raise CommandError(f"findmatches {words[0]}: {done.last_line}")
        return done.cost

    def _environment(self) -> dict[str, str]:
        return dict(self.program.environment(self.home, SEED))

    def _memory_limit(self, words: Sequence[object]) -> list[object]:
        command = " ".join(map(str, words))
        limited = any(command.startswith(f"{name} ") for name in self.settings.limited)
        return ["--memory-limit", self.settings.memory_limit] if limited else []
