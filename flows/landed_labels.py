"""Labels that a person puts somewhere, for a deployed run: it sleeps until they are there, and holds no worker."""

import logging
import time
from dataclasses import dataclass
from uuid import uuid4

from prefect import suspend_flow_run
from prefect.events import emit_event

from catalog.database import Catalog
from catalog.label_requests import LabelRequest, close_request, open_request, open_requests, reopen_request
from catalog.landed_files import LandedFile, LandedStatus, landed_files, settle_landed
from catalog.transforms import Transform
from errors import FindMatchesError, InvalidInputError, LabelsRefusedError, ResourceNumberLimitExceededError
from flows.artifacts import show_rejection, show_request
from flows.finished_steps import once
from flows.runs import this_run
from storage.files import is_remote
from storage.workspace import Workspace
from tasks.import_labels import ImportSummary, import_labels
from tasks.landed_labels import LabelInbox, located, reject

LABELS_WANTED = "findmatches.labels.wanted"
REFUSED = (LabelsRefusedError, ResourceNumberLimitExceededError)  # all else that fails is not the file's fault

logger = logging.getLogger("findmatches.flows")


@dataclass(frozen=True)
class LabelExchange:
    """Where the file to label goes, where the labelled one is awaited, and for how long."""

    labeling_path: str
    labels_path: str
    minutes: float

    @property
    def wait(self) -> str:
        """How long, in words."""
        return f"{self.minutes / 1440:.3g} days" if self.minutes >= 2880 else f"{self.minutes:g} minutes"


def receive_labels(transform: Transform, number: int, places: LabelExchange, home: str) -> None:
    """Return once labels of round `number` are stored; until a good file is there, suspend the flow run.

    A run that is resumed, or goes on after a crash, comes here again from its first line.
    """
    catalog = Catalog.of(Workspace.at(home))
    request = _request(catalog, transform, number, places)
    files = _files_of_run(catalog, request)
    if request.closed_on is None or not files:
        reopen_request(catalog, request.request_id)  # where this run had ended, it was closed without an answer
        _look(home, request)
        files += _files_for(catalog, request)
    taken = [_import_landed(file, transform, home) for file in files]
    if not any(taken):
        reopen_request(catalog, request.request_id)
        suspend_flow_run(timeout=round(places.minutes * 60), key=uuid4().hex)
    close_request(catalog, request.request_id)


def import_with_patience(transform: Transform, path: str, token: str, home: str) -> ImportSummary:
    """Store the labels of a file once for each token; what may pass is tried again for a minute at the least.

    Who put the file there has gone, and does not run it again.
    """
    return once(import_labels, home, transform, token, least_retries=5)(transform.name, path)


def answer(transform: Transform, path: str, error: FindMatchesError) -> None:
    """Tell the person who put a file there what is wrong with it, beside it and on the page of the run."""
    logger.warning("labels: '%s' was not taken. %s", path, error)
    reject(path, str(error))
    show_rejection(transform.name, path, error)


def _look(home: str, request: LabelRequest) -> None:
    """Look for the file; of a local one, which may still be written, two looks are needed."""
    inbox = LabelInbox(Workspace.at(home), folder=None)
    try:
        inbox.look()
        if not is_remote(request.labels_path):
            time.sleep(1)
            inbox.look()
    except (InvalidInputError, OSError) as error:
        logger.warning("wait: whether a file is there is not known yet. %s", error)  # the watcher looks, too


def _request(catalog: Catalog, transform: Transform, number: int, places: LabelExchange) -> LabelRequest:
    run = this_run()
    request, is_new = open_request(
        catalog,
        f"{run}/{number}",
        transform.transform_id,
        run,
        located(places.labeling_path),
        located(places.labels_path),
    )
    if is_new:
        _announce(transform, request)
        show_request(transform.name, request.labeling_path, request.labels_path, places.wait)
    return request


def _announce(transform: Transform, request: LabelRequest) -> None:
    """Tell the server's automations that somebody is to label a file."""
    emit_event(
        event=LABELS_WANTED,
        resource={"prefect.resource.id": f"findmatches.transform.{transform.name}"},
        related=[
            {"prefect.resource.id": f"prefect.flow-run.{request.flow_run_id}", "prefect.resource.role": "flow-run"}
        ],
        payload={
            "transform": transform.name,
            "labeling_path": request.labeling_path,
            "labels_path": request.labels_path,
            "flow_run_id": request.flow_run_id,
        },
    )


def _files_of_run(catalog: Catalog, request: LabelRequest) -> list[LandedFile]:
    """Return the files that this run was given, and those that it has stored since it asked."""
    given = (LandedStatus.DELIVERED, LandedStatus.DROPPED, LandedStatus.IMPORTED)
    mine = (file for file in landed_files(catalog, given) if file.flow_run_id == request.flow_run_id)
    return [file for file in mine if file.status != LandedStatus.IMPORTED or file.seen_on >= request.opened_on]


def _files_for(catalog: Catalog, request: LabelRequest) -> list[LandedFile]:
    """Return the files of the transform that nobody has, but for those that another run waits for by name."""
    others = {each.labels_path for each in open_requests(catalog) if each.flow_run_id != request.flow_run_id}
    waiting = landed_files(catalog, (LandedStatus.WAITING,))
    elsewhere = others - {request.labels_path}
    return [file for file in waiting if file.transform_id == request.transform_id and file.path not in elsewhere]


def _import_landed(file: LandedFile, transform: Transform, home: str) -> bool:
    """Store the labels of a file; a wrong one is answered, and the wait goes on."""
    catalog = Catalog.of(Workspace.at(home))
    not_stored = frozenset(LandedStatus) - {LandedStatus.IMPORTED}
    settle_landed(catalog, file, LandedStatus.DELIVERED, this_run(), where=not_stored)
    try:
        import_with_patience(transform, file.path, f"{this_run()}/import/{file.content_hash}", home)
    except REFUSED as error:
        settle_landed(catalog, file, LandedStatus.REJECTED, this_run(), str(error))
        answer(transform, file.path, error)
        return False
    settle_landed(catalog, file, LandedStatus.IMPORTED, this_run())
    return True
