"""The tables that speed is measured on: made by a generator, or found in a folder."""

import csv
import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from benchmarks.datasets import Dataset, datasets_in

SEED = 7
LEAST_ROWS = 100


@dataclass(frozen=True)
class Table:
    """A table and how many rows it has."""

    dataset: Dataset
    rows: int


def made_tables(generator: Path, sizes: Sequence[int], folder: Path) -> list[Table]:
    """Return a table of each size, smallest first; what is not in the folder yet is made there.

    The generator is called as `generator ROWS FOLDER --seed 7` and writes records.csv, truth.csv and meta.json.
    """
    if not generator.is_file():
        raise SystemExit(
            f"There is no generator of tables at '{generator}'. Name one by --generator, or tables by --tables."
        )
    version = sha256(generator.read_bytes()).hexdigest()[:8]
    return [Table(_made(generator, rows, folder / f"people_{rows}_{version}"), rows) for rows in sorted(sizes)]


def found_tables(folder: Path, sizes: Sequence[int]) -> list[Table]:
    """Return the tables of a folder, smallest first; with sizes, only those."""
    tables = [Table(dataset, _rows(dataset)) for dataset in datasets_in(folder)]
    chosen = sorted((table for table in tables if not sizes or table.rows in sizes), key=lambda table: table.rows)
    if not chosen:
        wanted = f" of {', '.join(map(str, sizes))} rows" if sizes else ""
        raise SystemExit(f"'{folder}' has no table{wanted}. A table is NAME/records.csv, truth.csv and meta.json.")
    return chosen


def _made(generator: Path, rows: int, place: Path) -> Dataset:
    meta = place / "meta.json"
    if not meta.exists():
        print(f"making a table of {rows:,} rows in {place}", flush=True)
        words = [sys.executable, generator, rows, place, "--seed", SEED]
        made = subprocess.run(list(map(str, words)), check=False, capture_output=True, text=True)
        if made.returncode or not meta.exists():
            said = made.stderr.strip().splitlines() or ["it wrote no meta.json"]
            raise SystemExit(f"'{generator}' made no table of {rows} rows: {said[-1]}")
    return Dataset(place.name, place, json.loads(meta.read_text(encoding="utf-8"))["task"] == "link")


def _rows(dataset: Dataset) -> int:
    with dataset.records.open(encoding="utf-8-sig", newline="") as file:
        return sum(1 for _ in csv.reader(file)) - 1
