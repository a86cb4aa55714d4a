"""The demo's person: answers a labeling file from the truth, as a careful human would."""

import csv
import logging
import threading
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from errors import counted

logger = logging.getLogger("findmatches.demo")


class Person:
    """Watches for the file to label, and puts the labelled one where it is waited for.

    Works beside the flow, in a thread of its own, from `with` to the end of the block.
    """

    def __init__(self, to_label: Path, labelled: Path, truth: Mapping[str, str]) -> None:
        self.to_label, self.labelled, self.truth = to_label, labelled, truth
        self._gone = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="demo-person", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._gone.set()
        self._thread.join()

    def _watch(self) -> None:
        seen = 0
        while not self._gone.wait(0.1):
            changed = self.to_label.stat().st_mtime_ns if self.to_label.exists() else 0
            if changed != seen:
                seen = changed
                self._answer()

    def _answer(self) -> None:
        with self.to_label.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
        fill_labels(rows, self.truth)
        part = self.labelled.with_suffix(".part")
        with part.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, fieldnames=list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
        part.replace(self.labelled)
        logger.info("person: answered %s from the truth file", counted(len(rows), "row"))


def fill_labels(rows: list[dict[str, str]], truth: Mapping[str, str]) -> None:
    """Give the rows of one person the same label within their labeling set, and every other person another one."""
    people: dict[str, dict[str, str]] = defaultdict(dict)
    for row in rows:
        known = people[row["labeling_set_id"]]
        row["label"] = known.setdefault(truth[row["id"]], f"P{len(known) + 1}")
