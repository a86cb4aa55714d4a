"""Measure how fast findmatches is, beside Splink and dedupe; write the section Speed of docs/benchmarks.md.

    python benchmarks/speed.py [--sizes 10000,100000,1000000] [--repeats 3] [--peers splink,dedupe]

The systems take turns at each table, every second repeat in the opposite order, on as many cores as --threads.  Every
turn is kept in a file (--results) and not measured again while table, program and settings are the same: an interrupted
run goes on where it stopped, and a run with nothing left to measure writes the section anew.
"""

import argparse
import os
import shlex
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from benchmarks import speed_findmatches, speed_peers
from benchmarks.command import pinned
from benchmarks.datasets import Dataset
from benchmarks.findmatches_run import CommandError
from benchmarks.page_parts import machine
from benchmarks.peer_runs import Limits, environment_of
from benchmarks.program import ROOT, Program, copied_program
from benchmarks.results import DEDUPE, FINDMATCHES, OK, SPLINK
from benchmarks.speed_facts import SCRIPT
from benchmarks.speed_figures import in_turns
from benchmarks.speed_findmatches import Settings, limited_commands, workers_of
from benchmarks.speed_page import Choice, ShownTimings, newest_choices, write_section
from benchmarks.speed_peers import MOST_ROWS, TIMED_PEERS
from benchmarks.speed_results import Measured, Timing, TimingFile, Turn
from benchmarks.speed_tables import LEAST_ROWS, Table, found_tables, made_tables

SIZES = (10_000, 100_000, 1_000_000)


@dataclass(frozen=True)
class System:
    """What takes turns: which version of it, under which settings, and how it is measured on a table.

    `command` is what was typed to have it measured.
    """

    name: str
    code: str
    commit: str
    settings: str
    measure: Callable[[Dataset], Measured]
    command: str = ""

    def takes(self, table: Table) -> bool:
        """Return whether the table is not too large for it."""
        return table.rows <= MOST_ROWS.get(self.name, table.rows)


def main(words: Sequence[str] | None = None) -> None:
    """Measure what is missing and write the section; `words` are those of the command line."""
    typed = sys.argv[1:] if words is None else words
    given = _parser().parse_args(typed)
    results = TimingFile(given.results)
    command = " ".join([SCRIPT, *map(shlex.quote, typed)])
    choices = newest_choices(results) if given.page_only else _measure_all(given, results, command)
    write_section(given.output, ShownTimings(list(results), choices))


def _measure_all(given: argparse.Namespace, results: TimingFile, command: str) -> Mapping[str, Choice]:
    """Measure every system on every table, and return the versions and settings that were measured."""
    sizes, peers, settings = _sizes(given.sizes), _peers(given.peers), _settings(given)
    cache = given.environments.expanduser().absolute()
    tables = (
        found_tables(given.tables, sizes)
        if given.tables
        else made_tables(given.generator, sizes or SIZES, cache / "tables")
    )
    limits = Limits(given.timeout, given.memory_gib)
    with copied_program() as program:
        if settings.memory_limit:
            settings = replace(settings, limited=limited_commands(program))
        systems = [_findmatches(program, settings), *(_peer(name, given.threads, limits, cache) for name in peers)]
        systems = [replace(system, command=command) for system in systems]
        with pinned(given.threads):
            for table in tables:
                measure_table(table, [system for system in systems if system.takes(table)], given.repeats, results)
    return {system.name: (system.code, system.settings) for system in systems}


def measure_table(table: Table, systems: Sequence[System], repeats: int, results: TimingFile) -> None:
    """Let the systems take turns; one that failed takes no further turn."""
    failed: set[str] = set()
    for repeat, system in in_turns(systems, repeats):
        if system.name not in failed and take_turn(table, system, repeat, results).status != OK:
            failed.add(system.name)


def take_turn(table: Table, system: System, repeat: int, results: TimingFile) -> Timing:
    """Return what came of a turn; it is measured where that is not known, or findmatches failed."""
    dataset = table.dataset
    turn = Turn(dataset.name, table.rows, dataset.version, system.name, repeat, system.code, system.settings)
    known = results.get(turn)
    if known is not None and (known.status == OK or system.name != FINDMATCHES):
        return known
    timing_of = partial(Timing, turn, system.commit, machine=machine(), command=system.command)
    try:
        timing = timing_of(_now(), OK, system.measure(dataset))
    except CommandError as error:
        timing = timing_of(_now(), f"failed: {error}")
    results.add(timing)
    _show(timing)
    return timing


def _show(timing: Timing) -> None:
    turn, phases = timing.run, timing.measured.phases
    told = ", ".join(f"{name} {cost.wall_seconds:.1f} s" for name, cost in phases.items()) or timing.status
    print(f"{turn.rows:,} rows, {turn.system}, repeat {turn.repeat + 1}: {told}", flush=True)


def _findmatches(program: Program, settings: Settings) -> System:
    measure = partial(speed_findmatches.measure, program=program, settings=settings)
    return System(FINDMATCHES, program.code, program.commit, str(settings), measure)


def _peer(name: str, threads: int, limits: Limits, environments: Path) -> System:
    peer = TIMED_PEERS[name]
    python = environment_of(peer, environments)
    measures: dict[str, Callable[[Dataset], Measured]] = {
        SPLINK: partial(speed_peers.measure_splink, python=python, threads=threads, limits=limits),
        DEDUPE: partial(speed_peers.measure_dedupe, python=python, limits=limits),
    }
    return System(name, peer.code, peer.requirements[0], f"{threads} threads", measures[name])


def _settings(given: argparse.Namespace) -> Settings:
    if given.repeats < 1 or given.labeling_files < 1:
        raise SystemExit("--repeats and --labeling-files must be at least 1.")
    workers = workers_of(given.threads, os.cpu_count() or 1)
    return Settings(given.threads, workers, given.labeling_files, given.memory_limit)


def _sizes(text: str) -> list[int]:
    """Return the sizes that a text with commas names."""
    words = [word.strip() for word in text.split(",") if word.strip()]
    if wrong := [word for word in words if not word.isdecimal() or int(word) < LEAST_ROWS]:
        raise SystemExit(f"--sizes are numbers of rows from {LEAST_ROWS}, and '{wrong[0]}' is not.")
    return sorted({int(word) for word in words})


def _peers(text: str) -> list[str]:
    """Return the peers that a text with commas names."""
    names = [word.strip() for word in text.split(",") if word.strip()]
    if unknown := [name for name in names if name not in TIMED_PEERS]:
        raise SystemExit(f"There is no peer '{unknown[0]}'. There are: {', '.join(TIMED_PEERS)}.")
    return names


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    usual = ",".join(map(str, SIZES))
    parser.add_argument("--sizes", default="", help=f"rows of the tables; {usual} without it, or all of --tables")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--peers", default=",".join(TIMED_PEERS), help="'' leaves them out")
    parser.add_argument("--labeling-files", type=int, default=3, help="that findmatches learns from")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--memory-limit", help="given to findmatches where it has such an option")
    parser.add_argument("--tables", type=Path, help="a folder of NAME/records.csv, truth.csv and meta.json")
    parser.add_argument("--generator", type=Path, default=ROOT / ".." / "shared" / "bench" / "make_people.py")
    parser.add_argument("--timeout", type=int, default=7200, help="seconds for one run of a peer")
    parser.add_argument("--memory-gib", type=int, default=12, help="memory for one run of a peer")
    parser.add_argument("--results", type=Path, default=ROOT / "benchmarks" / "speed.jsonl")
    parser.add_argument("--output", type=Path, default=ROOT / "docs" / "benchmarks.md")
    parser.add_argument("--page-only", action="store_true", help="measure nothing, show the newest results")
    parser.add_argument("--environments", type=Path, default=Path("~/.cache/findmatches-benchmarks"))
    return parser


if __name__ == "__main__":
    main()
