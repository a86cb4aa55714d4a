"""The demo from end to end: a fresh workspace, the flow `pipeline`, and what came of it."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from errors import InvalidInputError
from interfaces.demo.person import Person
from interfaces.demo.truth import TrueQuality, read_column, true_quality

PEOPLE = Path(__file__).parents[2] / "data" / "people"
MARK = "made-by-findmatches-demo"
ROUNDS = 2
MINUTES_TO_WAIT = 10


@dataclass(frozen=True)
class DemoResult:
    """What the demo found, how good it says it is, how good it is, and where everything lies."""

    rows: int
    candidate_pairs: int
    clusters: int
    estimated: dict[str, Any]
    actual: TrueQuality
    output: Path
    catalog: Path
    report: Path


def check_people() -> None:
    """Stop when the demo's data is not there: it comes with the source, not with the installed package."""
    if not (PEOPLE / "records.csv").exists():
        raise InvalidInputError(
            f"The demo needs the folder data/people of the project's source; it is not at '{PEOPLE}'. "
            "Get the source and run `make demo` there."
        )


def fresh_folder(folder: Path) -> Path:
    """Empty the demo's own folder; a folder that the demo did not make is left alone."""
    if folder.exists() and not (folder / MARK).exists():
        raise InvalidInputError(f"The demo wants to use '{folder}', but did not make it. Move it away and run again.")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / MARK).write_text("`findmatches demo` empties this folder.\n", encoding="utf-8")
    return folder


def keep_prefect_inside(folder: Path) -> None:
    """Give Prefect a home in `folder` and a temporary server; nothing of the user's is read or written."""
    for name in [name for name in os.environ if name.startswith("PREFECT_")]:
        del os.environ[name]
    os.environ["PREFECT_HOME"] = str(folder / "prefect")
    os.environ["PREFECT_SERVER_ALLOW_EPHEMERAL_MODE"] = "true"
    os.environ["PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL"] = "CRITICAL"


def run_demo(people: Path, folder: Path) -> DemoResult:
    """Run the pipeline over the records in `people`, work in the fresh `folder`, and compare with the truth."""
    from flows.pipeline import pipeline
    from flows.settings import local_run
    from interfaces.demo.report import write_report

    to_label, labelled, output = (folder / name for name in ("to_label.csv", "labelled.csv", "matches.csv"))
    truth = read_column(people / "truth.csv", "id", "entity")
    with Person(to_label, labelled, truth), local_run():
        made = pipeline(
            path=str(people / "records.csv"),
            primary_key="id",
            name="people",
            labeling_path=str(to_label),
            labels_path=str(labelled),
            wait_for_labels_minutes=MINUTES_TO_WAIT,
            rounds=ROUNDS,
            output=str(output),
            home=str(folder),
        )
    result = DemoResult(
        rows=made.matches.rows,
        candidate_pairs=made.matches.candidate_pairs,
        clusters=made.matches.clusters,
        estimated=made.quality,
        actual=true_quality(read_column(output, "id", "match_id"), truth),
        output=output,
        catalog=folder / "catalog.duckdb",
        report=folder / "report.html",
    )
    write_report(result)
    return result
