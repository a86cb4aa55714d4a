"""The peers measured: each in an environment of its own, all held to one limit of time and memory."""

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.command import Cost, Done, run
from benchmarks.datasets import Dataset, column
from benchmarks.program import ROOT
from benchmarks.quality import Quality, count_pairs, count_these
from benchmarks.results import DEDUPE, OK, SPLINK

SCRIPTS = Path(__file__).parent / "peers"
ONE_AT_A_TIME = threading.Lock()


@dataclass(frozen=True)
class Limits:
    """What a peer may use: processor seconds, and GiB of address space of each process."""

    seconds: int
    memory_gib: int


@dataclass(frozen=True)
class Peer:
    """Another matcher: what is installed for it, which scripts drive it, how many answers it is given at a time.

    The first script is the one that is run; it imports the others.
    """

    name: str
    requirements: tuple[str, ...]
    scripts: tuple[str, ...]
    asked: tuple[int, ...] = (0,)

    @property
    def code(self) -> str:
        """A text that changes with its version and with the scripts that drive it."""
        scripts = sorted(SCRIPTS / f"{name}.py" for name in self.scripts)
        text = " ".join(self.requirements) + "".join(path.read_text(encoding="utf-8") for path in scripts)
        return f"{self.requirements[0]} {sha256(text.encode()).hexdigest()[:8]}"

    @property
    def module(self) -> str:
        """The module that is run."""
        return f"benchmarks.peers.{self.scripts[0]}"


PEERS = {
    SPLINK: Peer(SPLINK, ("splink==5.0.0", "duckdb<2"), ("splink_run", "splink_columns", "splink_settings", "task")),
    DEDUPE: Peer(DEDUPE, ("dedupe==3.0.3", "BTrees<6.5"), ("dedupe_run", "task"), (100, 300)),
}


@dataclass(frozen=True)
class PeerResult:
    """What came of a peer's run; without `quality` the status says why."""

    status: str
    answers: int
    cost: Cost
    quality: Quality | None = None
    unseen: Quality | None = None


def environment_of(peer: Peer, folder: Path) -> Path:
    """Return the Python of a peer's environment; it is made where it is not there yet."""
    place = folder / f"{peer.name}-{sha256(' '.join(peer.requirements).encode()).hexdigest()[:8]}"
    python, made = place / "bin" / "python", place / "made-for-benchmarks"
    with ONE_AT_A_TIME:
        if not made.exists():
            print(f"{peer.name}: making its environment in {place}", flush=True)
            shutil.rmtree(place, ignore_errors=True)
            for words in _installation(peer, place, python):
                subprocess.run(list(map(str, words)), check=True)
            made.write_text("\n".join(peer.requirements) + "\n", encoding="utf-8")
    return python


def measure(peer: Peer, python: Path, dataset: Dataset, seed: int, asked: int, limits: Limits) -> PeerResult:
    """Run a peer on a data set and compare its clusters with the truth."""
    with TemporaryDirectory(prefix="findmatches-peer-") as folder:
        output = Path(folder) / "clusters.csv"
        words = [python, "-m", peer.module, dataset.records, dataset.truth_file, output]
        options = ["--labels", asked, "--seed", seed, "--seconds", limits.seconds, "--memory-gib", limits.memory_gib]
        link = ["--link"] if dataset.is_link else []
        environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONHASHSEED": str(seed), "TMPDIR": folder}
        done = run([*words, *options, *link], environment, wall_seconds=4 * limits.seconds)
        if done.exit_code:
            return PeerResult(_why(done, limits), 0, done.cost)
        notes = json.loads(done.output.splitlines()[-1])
        return _compared(notes, column(output, "id", "cluster"), dataset, done.cost)


def not_tried(before: PeerResult, fewer: int) -> PeerResult:
    """Return the result of a run that is not worth trying, since one with fewer answers ended without matches."""
    return replace(before, status=f"not tried: {fewer} answers {before.status}", cost=Cost())


def _compared(notes: dict[str, Any], cluster: dict[str, str], dataset: Dataset, cost: Cost) -> PeerResult:
    shown = {(a, b) for a, b in notes["shown"]}
    counts = count_pairs(cluster, dataset.truth, dataset.source)
    unseen = counts.without(count_these(shown, cluster, dataset.truth, dataset.source))
    return PeerResult(OK, len(notes["shown"]), cost, counts.quality, unseen.quality if unseen.true else None)


def _why(done: Done, limits: Limits) -> str:
    if done.exit_code in (-signal.SIGXCPU, -signal.SIGKILL) and done.cost.cpu_seconds >= limits.seconds:
        return f"stopped after {limits.seconds:,} s"
    if done.exit_code == -signal.SIGKILL:
        return f"stopped after {4 * limits.seconds:,} s of the clock"
    if any(word in done.error for word in ("MemoryError", "Out of Memory", "bad_alloc", "Cannot allocate memory")):
        return f"needed more than {limits.memory_gib} GiB"
    return f"failed: {done.last_line}"


def _installation(peer: Peer, place: Path, python: Path) -> list[list[object]]:
    uv = shutil.which("uv")
    if uv:
        make: list[object] = [uv, "venv", "--quiet", "--python", sys.executable, place]
        return [make, [uv, "pip", "install", "--quiet", "--python", python, *peer.requirements]]
    pip: list[object] = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *peer.requirements]
    return [[sys.executable, "-m", "venv", place], pip]
