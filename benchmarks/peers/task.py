"""What every peer is given and has to give back; only the standard library, so that it runs in any environment."""

import argparse
import csv
import json
import resource
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

KEY, SOURCE, ENTITY = "id", "source", "entity"


@dataclass(frozen=True)
class Task:
    """A table, the truth that an oracle may ask, how many answers it may give, and where the clusters go."""

    records: list[dict[str, str]]
    truth: dict[str, str]
    columns: list[str]
    output: Path
    labels: int
    seed: int
    link: bool

    @property
    def sources(self) -> list[str]:
        """The two tables that are linked, named by the column `source`."""
        return sorted({record[SOURCE] for record in self.records})


def read_task(description: str | None) -> Task:
    """Return the task that the command line describes, and hold this process to the limits that it sets."""
    parser = argparse.ArgumentParser(description=description)
    for name in ("records", "truth", "output"):
        parser.add_argument(name, type=Path)
    parser.add_argument("--labels", type=int, default=0, help="pairs that the oracle answers")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--link", action="store_true", help="the column `source` names two tables without duplicates")
    parser.add_argument("--seconds", type=int, default=600, help="processor seconds after which it is stopped")
    parser.add_argument("--memory-gib", type=int, default=12, help="address space that it may have")
    given = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_AS, (given.memory_gib << 30, given.memory_gib << 30))
    resource.setrlimit(resource.RLIMIT_CPU, (given.seconds, given.seconds + 10))
    records = read_rows(given.records)
    truth = {row[KEY]: row[ENTITY] for row in read_rows(given.truth)}
    not_compared = {KEY, SOURCE} if given.link else {KEY}
    columns = [name for name in records[0] if name not in not_compared]
    return Task(records, truth, columns, given.output, given.labels, given.seed, given.link)


def read_rows(path: Path) -> list[dict[str, str]]:
    """Return the rows of a CSV file; an empty field is the empty text."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def write_clusters(
    task: Task, clusters: Iterable[Iterable[str]], shown: list[tuple[str, str]], notes: dict[str, Any]
) -> None:
    """Write the cluster of every record, those in no cluster alone; print the notes and the pairs asked about."""
    cluster = {key: f"alone-{key}" for key in task.truth}
    for number, keys in enumerate(clusters):
        cluster.update(dict.fromkeys(keys, f"cluster-{number}"))
    with task.output.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow((KEY, "cluster"))
        writer.writerows(cluster.items())
    print(json.dumps(notes | {"shown": shown}))
