"""The whole chain: files → table → transform → labels by a person → model → quality → matches."""

import logging
from dataclasses import dataclass, field
from functools import partial
from pathlib import PurePosixPath
from typing import Any

from prefect import flow

from catalog.transforms import Transform
from flows.parameters import PipelineSettings
from flows.steps import step_task, transform_task, workspace_at
from flows.waiting import LabelInbox
from tasks.crawl import crawl
from tasks.estimate_quality import estimate_quality
from tasks.find_matches import RunSummary, find_matches
from tasks.generate_labeling_set import generate_labeling_set
from tasks.import_labels import import_labels
from tasks.prepare_transform import prepare_transform
from tasks.train import TrainSummary, train

logger = logging.getLogger("findmatches.flows")


@dataclass(frozen=True)
class PipelineSummary:
    """What the chain made: the transform, what was learned, its estimated quality (Glue's keys), and the matches."""

    transform: Transform
    model: TrainSummary
    quality: dict[str, Any] = field(repr=False)
    matches: RunSummary


@flow(name="pipeline", flow_run_name="pipeline {path}")
def pipeline(
    path: str,
    primary_key: str,
    labels_path: str,
    output: str,
    labeling_path: str | None = None,
    wait_for_labels_minutes: float = 1440,
    rounds: int = 1,
    name: str | None = None,
    settings: PipelineSettings | None = None,
    home: str | None = None,
) -> PipelineSummary:
    """Find the matches in the files at a path, with labels that a person gives on the way.

    The flow writes a labeling file and waits, in this process, for the labelled one; a wrong file is reported and the
    wait goes on. A transform of the same name is used again, with the labels it has.

    Args:
        path: A file, a folder or an s3:// prefix with the records.
        primary_key: The column that names a record.
        labels_path: Where the person puts the labelled file.
        output: Where the matches go: a path or an s3:// url that ends with .csv or .parquet.
        labeling_path: Where the file to label goes; beside labels_path when left out.
        wait_for_labels_minutes: How long to wait for each labelled file.
        rounds: How many labeling files are asked for, one after the other.
        name: The transform's name; that of the table when left out.
        settings: How to match and how to run.
        home: The workspace folder; the environment's when left out.

    """
    settings, home = settings or PipelineSettings(), str(workspace_at(home).home.absolute())
    table = step_task(crawl, home)(path, settings.database, settings.table, settings.header)
    transform = step_task(prepare_transform, home)(
        name or table.name,
        table.qualified_name,
        settings.parameters(primary_key),
        settings.properties(),
        keep=settings.left_out(),
    )
    inbox = LabelInbox(labels_path, wait_for_labels_minutes)
    for _ in range(rounds):
        ask_for_labels(transform, labeling_path or beside(labels_path), inbox, home)
    return learn_and_match(transform, output, settings, home)


def ask_for_labels(transform: Transform, labeling_path: str, inbox: LabelInbox, home: str) -> None:
    """Write the file to label, wait for it to come back, and store its labels."""
    name = transform.name
    transform_task(generate_labeling_set, home, name)(name, labeling_path)
    logger.info("wait: label '%s' and save it as '%s' within %g minutes", labeling_path, inbox.path, inbox.minutes)
    inbox.deliver_to(partial(transform_task(import_labels, home, name), name))


def learn_and_match(transform: Transform, output: str, settings: PipelineSettings, home: str) -> PipelineSummary:
    """Train on the stored labels, estimate the quality, and write the matches."""
    model = transform_task(train, home, transform.name)(transform.name)
    quality = transform_task(estimate_quality, home, transform.name)(transform.name)
    matches = transform_task(find_matches, home, transform.name)(
        transform.name, output, scores=settings.scores, dedupe=settings.dedupe, incremental=settings.incremental
    )
    return PipelineSummary(transform, model, quality, matches)


def beside(labels_path: str) -> str:
    """Return where the file to label goes when nobody says: beside the labelled one.

    >>> beside("s3://bucket/answers/people.csv")
    's3://bucket/answers/people_to_label.csv'
    """
    folder, slash, name = labels_path.rpartition("/")
    return f"{folder}{slash}{PurePosixPath(name).stem}_to_label.csv"
