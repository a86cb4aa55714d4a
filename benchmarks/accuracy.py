"""Measure how well findmatches matches tables whose truth is known, beside Splink and dedupe; write docs/benchmarks.md.

    python benchmarks/accuracy.py FOLDER [--sets a,b] [--seeds 0,1,2] [--rounds 0,1,3] [--peers splink,dedupe]

Every result is kept in a file (--results) and not measured again while data and program are the same: an interrupted
run goes on where it stopped, and a run with nothing left to measure writes the page anew.
"""

import argparse
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import findmatches_run, peer_runs
from benchmarks.command import Cost
from benchmarks.datasets import Dataset, datasets_in
from benchmarks.page import Shown, write_page
from benchmarks.peer_runs import PEERS, Limits, Peer, PeerResult
from benchmarks.program import ROOT, Program, copied_program
from benchmarks.results import FINDMATCHES, OK, Result, ResultFile, Run, latest_code


@dataclass(frozen=True)
class Options:
    """What the command line asks for."""

    datasets: list[Dataset]
    seeds: list[int]
    peer_seeds: list[int]
    rounds: list[int]
    peers: list[Peer]
    limits: Limits
    environments: Path


def main() -> None:
    """Measure what is missing and write the page."""
    given = _parser().parse_args()
    options = _options(given)
    results = ResultFile(given.results)
    if given.page_only:
        code = latest_code(results, FINDMATCHES)
    else:
        with copied_program() as program:
            code = program.code
            _measure_all(options, program, results, given.jobs)
    codes = {peer.name: peer.code for peer in options.peers} | ({FINDMATCHES: code} if code else {})
    shown = Shown(options.datasets, list(results), codes, options.rounds, options.limits, _command(given, options))
    write_page(given.output, shown)


def _measure_all(options: Options, program: Program, results: ResultFile, jobs: int) -> None:
    with ThreadPoolExecutor(jobs) as pool:
        for _ in pool.map(lambda dataset: _measure(dataset, options, program, results), options.datasets):
            pass  # an exception of a thread is raised here


def _measure(dataset: Dataset, options: Options, program: Program, results: ResultFile) -> None:
    for seed in options.seeds:
        measure_findmatches(dataset, seed, options.rounds, program, results)
    for peer in options.peers:
        for seed in options.peer_seeds:
            _measure_peer(peer, dataset, seed, options, results)


def measure_findmatches(dataset: Dataset, seed: int, rounds: list[int], program: Program, results: ResultFile) -> None:
    """Measure findmatches after each number of files that has no result yet."""
    runs = {files: Run(dataset.name, dataset.version, FINDMATCHES, seed, files, program.code) for files in rounds}
    missing = {files for files, run in runs.items() if (found := results.get(run)) is None or found.status != OK}
    try:
        for one in findmatches_run.measure(dataset, seed, frozenset(missing), program) if missing else ():
            measured = (one.cost, one.rows, one.quality, one.unseen, one.estimate)
            _keep(results, Result(runs[one.files], program.commit, _now(), OK, *measured))
            missing.discard(one.files)
    except findmatches_run.CommandError as error:
        for files in sorted(missing):
            _keep(results, Result(runs[files], program.commit, _now(), f"failed: {error}", Cost()))


def _measure_peer(peer: Peer, dataset: Dataset, seed: int, options: Options, results: ResultFile) -> None:
    """Measure a peer with each number of answers that has no result yet."""
    failed: tuple[int, PeerResult] | None = None
    for asked in peer.asked:
        run = Run(dataset.name, dataset.version, peer.name, seed, asked, peer.code)
        if (known := results.get(run)) is None:
            measured = peer_runs.not_tried(failed[1], failed[0]) if failed else None
            python = peer_runs.environment_of(peer, options.environments)
            measured = measured or peer_runs.measure(peer, python, dataset, seed, asked, options.limits)
            found = (measured.status, measured.cost, measured.answers, measured.quality, measured.unseen)
            known = Result(run, peer.requirements[0], _now(), *found)
            _keep(results, known)
        if known.status != OK and failed is None:
            failed = asked, PeerResult(known.status, known.answers, known.cost)


def _keep(results: ResultFile, result: Result) -> None:
    results.add(result)
    run, f1 = result.run, f"F1 {result.quality.f1:.4f}" if result.quality else result.status
    print(
        f"{run.dataset} {run.system} seed {run.seed} asked {run.asked}: {f1}, {result.cost.cpu_seconds:.0f} s",
        flush=True,
    )


def _command(given: argparse.Namespace, options: Options) -> str:
    """Return the command that measures what the page shows, without the places of files."""
    words = {
        "sets": given.sets,
        "seeds": options.seeds,
        "peer-seeds": options.peer_seeds,
        "rounds": options.rounds,
        "peers": given.peers,
    }
    told = [f"--{name} {','.join(map(str, values))}" for name, values in words.items() if values]
    return " ".join(["python benchmarks/accuracy.py FOLDER", *told])


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _options(given: argparse.Namespace) -> Options:
    seeds = given.seeds
    return Options(
        datasets=datasets_in(given.folder, given.sets),
        seeds=seeds,
        peer_seeds=given.peer_seeds or seeds[:1] or [0],
        rounds=given.rounds,
        peers=[PEERS[name] for name in given.peers],
        limits=Limits(given.timeout, given.memory_gib),
        environments=given.environments.expanduser().absolute(),
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    here = ROOT / "benchmarks"
    parser.add_argument("folder", type=Path, help="holds NAME/records.csv, truth.csv and meta.json")
    parser.add_argument("--sets", type=_names(), default=[], help="data sets; all without it")
    parser.add_argument("--seeds", type=_numbers, default=[0, 1, 2], help="for findmatches; '' leaves it out")
    parser.add_argument("--peer-seeds", type=_numbers, default=[], help="for the peers; the first seed without it")
    parser.add_argument("--rounds", type=_numbers, default=[0, 1, 3], help="numbers of labeling files")
    parser.add_argument("--peers", type=_names(PEERS), default=list(PEERS), help="'' leaves them out")
    parser.add_argument("--timeout", type=int, default=600, help="processor seconds for one run of a peer")
    parser.add_argument("--memory-gib", type=int, default=12, help="memory for one run of a peer")
    parser.add_argument("--jobs", type=int, default=1, help="data sets at a time")
    parser.add_argument("--results", type=Path, default=here / "accuracy.jsonl")
    parser.add_argument("--output", type=Path, default=ROOT / "docs" / "benchmarks.md")
    parser.add_argument("--page-only", action="store_true", help="measure nothing, show the newest results")
    parser.add_argument("--environments", type=Path, default=Path("~/.cache/findmatches-benchmarks"))
    return parser


def _numbers(text: str) -> list[int]:
    return sorted({int(word) for word in text.split(",") if word.strip()})


def _names(known: Iterable[str] = ()) -> Callable[[str], list[str]]:
    def names(text: str) -> list[str]:
        given = [word.strip() for word in text.split(",") if word.strip()]
        if known and (unknown := set(given) - set(known)):
            raise argparse.ArgumentTypeError(f"'{min(unknown)}' is none of {', '.join(known)}")
        return given

    return names


if __name__ == "__main__":
    main()
