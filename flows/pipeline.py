"""The whole chain: files → table → transform → labels by a person → model → quality → matches."""

import logging
import os
from dataclasses import dataclass, field
from functools import partial
from pathlib import PurePosixPath
from typing import Annotated, Any

from catalog.transforms import Transform
from errors import InvalidInputError
from flows.finished_steps import once
from flows.guarded_flow import flow
from flows.landed_labels import LabelExchange, receive_labels
from flows.learn import learn_and_match
from flows.parameters import PipelineSettings, between
from flows.permitted import check_permitted
from flows.runs import is_deployed, this_run
from flows.steps import step_task, transform_task
from flows.turns import turn_of
from flows.waiting import LabelInbox
from storage.publish import make_folder_of
from storage.workspace import Workspace
from tasks.crawl import crawl
from tasks.find_matches import RunSummary, check_output_path
from tasks.generate_labeling_set import generate_labeling_set
from tasks.import_labels import import_labels
from tasks.landed_labels import ENDINGS, is_label_name
from tasks.prepare_transform import prepare_transform
from tasks.train import TrainSummary

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
    output: str,
    labels_path: str | None = None,
    labeling_path: str | None = None,
    wait_for_labels_minutes: Annotated[float, between(0)] = 20160,
    rounds: Annotated[int, between(0)] = 1,
    name: str | None = None,
    settings: PipelineSettings | None = None,
    home: str | None = None,
) -> PipelineSummary:
    """Find the matches in the files at a path, with labels that a person gives on the way.

    The flow writes a labeling file and waits for the labelled one; a wrong file is answered, and the wait goes on.
    A deployed run waits suspended and holds no worker: the watcher resumes it.  A run by hand looks for the file.
    A transform of the same name is used again, with the labels it has.

    Args:
        path: A file, a folder or an s3:// prefix with the records.
        primary_key: The column that names a record.
        output: Where the matches go: a path or an s3:// url that ends with .csv or .parquet.
        labels_path: Where the person puts the labelled file; below FINDMATCHES_LABELS when left out.
        labeling_path: Where the file to label goes; beside labels_path when left out.
        wait_for_labels_minutes: How long to wait for each labelled file.
        rounds: How many labeling files are asked for, one after the other.
        name: The transform's name; that of the table when left out.
        settings: How to match and how to run, exactly as they stand there; left out, a new transform gets the usual
            ones and one that exists keeps its own.
        home: The workspace folder; the environment's when left out.

    """
    check_permitted(path, output, labels_path, labeling_path, home)
    check_output_path(output)
    check_labels_path(labels_path)
    settings, home = settings or PipelineSettings(), str(Workspace.at(home).home)
    table = step_task(crawl, home)(path, settings.database, settings.table, settings.header)
    transform = step_task(prepare_transform, home)(
        name or table.name,
        table.qualified_name,
        settings.parameters(primary_key),
        settings.properties(),
        keep=settings.left_out(),
    )
    places = exchange(transform.name, labels_path, labeling_path, wait_for_labels_minutes)
    inbox = LabelInbox(places.labels_path, places.minutes)
    for number in range(1, rounds + 1):
        ask_for_labels(transform, number, places, home)
        if is_deployed():
            receive_labels(transform, number, places, home)
        else:
            inbox.deliver_to(partial(transform_task(import_labels, home, transform.name), transform.name))
    with turn_of(transform, home):
        learned = learn_and_match(
            transform, output, home, scores=settings.scores, dedupe=settings.dedupe, incremental=settings.incremental
        )
    return PipelineSummary(transform, learned.model, learned.quality, learned.matches)


def ask_for_labels(transform: Transform, number: int, places: LabelExchange, home: str) -> None:
    """Write the file to label of round `number`, which another run of the same flow run finds done."""
    step = once(generate_labeling_set, home, transform, f"{this_run()}/labeling/{number}")
    step(transform.name, places.labeling_path)
    logger.info("wait: label '%s' and save it as '%s' within %s", places.labeling_path, places.labels_path, places.wait)


def exchange(name: str, labels_path: str | None, labeling_path: str | None, minutes: float) -> LabelExchange:
    """Return where the files to label and labelled are, below the watched folder where nobody says otherwise."""
    check_labels_path(labels_path)
    labelled = labels_path or f"{os.environ['FINDMATCHES_LABELS'].rstrip('/')}/{_folder_for(name)}/labelled.csv"
    if not labels_path:
        make_folder_of(labelled)
    return LabelExchange(labeling_path or beside(labelled), labelled, minutes)


def check_labels_path(labels_path: str | None) -> None:
    """Stop where no labelled file would ever be seen."""
    if not labels_path and not os.environ.get("FINDMATCHES_LABELS"):
        raise InvalidInputError(
            "Nobody knows where the labelled file will be. Give labels_path, or set FINDMATCHES_LABELS to the folder "
            "that findmatches watch looks into."
        )
    if labels_path and not is_label_name(labels_path):
        raise InvalidInputError(
            f"'{labels_path}' is no name for a labelled file. Let it end with {' or '.join(ENDINGS)}."
        )


def _folder_for(name: str) -> str:
    """Return the name of the folder for a transform's labels: its own name, where a folder that is seen can have it."""
    if "/" in name or name.startswith((".", "_")):
        raise InvalidInputError(
            f"No folder for labels can be called '{name}', as the transform is. Give labels_path, or call the "
            "transform by a name without '/' that begins with neither '.' nor '_'."
        )
    return name


def beside(labels_path: str) -> str:
    """Return where the file to label goes when nobody says: beside the labelled one.

    >>> beside("s3://bucket/answers/people.csv")
    's3://bucket/answers/people_to_label.csv'
    """
    folder, slash, name = labels_path.rpartition("/")
    return f"{folder}{slash}{PurePosixPath(name).stem}_to_label.csv"
