"""The peers timed: Splink by settings written for a table of people, dedupe on tables that it can take."""

import json
import os
import signal
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.command import Cost, Done, apart, run
from benchmarks.datasets import Dataset
from benchmarks.findmatches_run import CommandError
from benchmarks.peer_runs import PEERS, Limits, Peer
from benchmarks.peer_runs import measure as measure_peer
from benchmarks.program import ROOT
from benchmarks.results import DEDUPE, OK, SPLINK
from benchmarks.speed_findmatches import f1_of
from benchmarks.speed_results import TOTAL, Measured

TIMED_PEERS = {
    SPLINK: Peer(SPLINK, PEERS[SPLINK].requirements, ("splink_people",)),
    DEDUPE: PEERS[DEDUPE],
}
MOST_ROWS = {DEDUPE: 10_000}
ANSWERS = 100  # of dedupe
THRESHOLD = "0.9"
SPLINK_PHASES = {"read": "read", "train": "train", "predict": "predict", "cluster": f"cluster {THRESHOLD}"}
PROCESS = "whole process"
TOLD_SETTINGS = {DEDUPE: f"1 thread, {ANSWERS} pairs answered"}  # its timings are kept under the threads of the others


def measure_splink(dataset: Dataset, python: Path, threads: int, limits: Limits) -> Measured:
    """Run Splink; the total is of reading, training, predicting and clustering at one threshold."""
    with TemporaryDirectory(prefix="findmatches-peer-") as folder:
        words = [python, "-m", TIMED_PEERS[SPLINK].module, dataset.records, folder, "--threads", threads]
        environment = os.environ | {"PYTHONPATH": str(ROOT), "TMPDIR": folder}
        done = run([*words, "--memory-gib", limits.memory_gib], environment, wall_seconds=limits.seconds)
        if done.exit_code:
            raise CommandError(_why(done, limits))
        f1 = {path.stem: apart(f1_of, dataset, path, "cluster_id") for path in sorted(Path(folder).glob("*.csv"))}
    return Measured(splink_phases(done), f1)


def splink_phases(done: Done) -> dict[str, Cost]:
    """Return what each phase cost, their total and that of the whole process; memory is always of the process."""
    said = json.loads(done.output.splitlines()[-1])
    phases = {
        name: Cost(said["cpu_seconds"][phase], said["seconds"][phase], done.cost.peak_mib)
        for name, phase in SPLINK_PHASES.items()
    }
    return phases | {TOTAL: sum(phases.values(), Cost()), PROCESS: done.cost}


def _why(done: Done, limits: Limits) -> str:
    """Return why Splink ended; a system that is out of memory kills by the same signal as the limit of time."""
    if done.exit_code != -signal.SIGKILL:
        return f"splink: {done.last_line}"
    if done.cost.wall_seconds >= limits.seconds:
        return f"stopped after {limits.seconds:,} s"
    return f"splink: killed from outside after {done.cost.wall_seconds:,.0f} s, as happens when memory runs out"


def measure_dedupe(dataset: Dataset, python: Path, limits: Limits) -> Measured:
    """Run dedupe in one thread, with an oracle that gives ANSWERS answers; the total is of the whole process."""
    found = measure_peer(TIMED_PEERS[DEDUPE], python, dataset, 0, ANSWERS, limits)
    if found.status != OK or found.quality is None:
        raise CommandError(found.status)
    return Measured({TOTAL: found.cost}, {"0.5": found.quality.f1})
