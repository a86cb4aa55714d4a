"""Tables whose truth is known: NAME/records.csv with the key `id`, NAME/truth.csv (id, entity), NAME/meta.json."""

import csv
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path


@dataclass(frozen=True)
class Dataset:
    """One table.  `is_link` says that its column `source` names two tables, and only pairs across them count."""

    name: str
    folder: Path
    is_link: bool

    @property
    def records(self) -> Path:
        """The table."""
        return self.folder / "records.csv"

    @property
    def truth_file(self) -> Path:
        """The thing that each row is about."""
        return self.folder / "truth.csv"

    @cached_property
    def truth(self) -> dict[str, str]:
        """The thing that each row is about, by the row's key."""
        return column(self.truth_file, "id", "entity")

    @cached_property
    def source(self) -> dict[str, str] | None:
        """The table that each row comes from, by the row's key; None where one table is searched for duplicates."""
        return column(self.records, "id", "source") if self.is_link else None

    @cached_property
    def version(self) -> str:
        """A short text that changes with the data."""
        digest = hashlib.sha256()
        for path in (self.records, self.truth_file):
            with path.open("rb") as file:
                for block in iter(partial(file.read, 1 << 20), b""):
                    digest.update(block)
        return digest.hexdigest()[:8]


def column(path: Path, key: str, value: str) -> dict[str, str]:
    """Return one column of a CSV file by another, which tells rows apart."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return {row[key]: row[value] for row in csv.DictReader(file)}


def datasets_in(folder: Path, names: Sequence[str] = ()) -> list[Dataset]:
    """Return the data sets of a folder, smallest first; with names, only those.

    A name that is not there stops the program.
    """
    found = {path.parent.name: path.parent for path in folder.absolute().glob("*/truth.csv")}
    if unknown := sorted(set(names) - set(found)):
        raise SystemExit(f"'{folder}' has no data set '{unknown[0]}'. It has: {', '.join(sorted(found)) or 'none'}.")
    chosen = [found[name] for name in names or found]
    return [_dataset(path) for path in sorted(chosen, key=lambda path: (path / "records.csv").stat().st_size)]


def _dataset(folder: Path) -> Dataset:
    meta = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
    return Dataset(folder.name, folder, meta["task"] == "link")
