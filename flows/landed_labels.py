"""Labels that a person puts somewhere, for a deployed run: it sleeps until they are there, and holds no worker."""

import logging
from dataclasses import dataclass
from uuid import uuid4

from prefect import suspend_flow_run
from prefect.events import emit_event

from catalog.database import Catalog
from catalog.label_requests import LabelRequest, close_request, open_request
from catalog.landed_files import LandedFile, LandedStatus, landed_files, settle_landed
from catalog.transforms import Transform
from errors import InvalidInputError, ResourceNumberLimitExceededError, StorageUnreachableError
from flows.artifacts import show_rejection, show_request
from flows.finished_steps import once
from flows.runs import this_run
from storage.workspace import Workspace
from tasks.import_labels import import_labels
from tasks.landed_labels import LabelInbox, reject

LABELS_WANTED = "findmatches.labels.wanted"

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

    A run that is resumed comes here again from its first line.
    """
    catalog = Catalog.of(Workspace.at(home))
    request = _request(catalog, transform, number, places)
    if request.closed_on is None:
        LabelInbox(Workspace.at(home), folder=None).look()
        taken = [_import_landed(file, transform, home) for file in _landed_for(catalog, request)]
        if not any(taken):
            suspend_flow_run(timeout=round(places.minutes * 60), key=uuid4().hex)
        close_request(catalog, request.request_id)


def _request(catalog: Catalog, transform: Transform, number: int, places: LabelExchange) -> LabelRequest:
    run = this_run()
    request, is_new = open_request(
        catalog, f"{run}/{number}", transform.transform_id, run, places.labeling_path, places.labels_path
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


def _landed_for(catalog: Catalog, request: LabelRequest) -> list[LandedFile]:
    """Return the files of the transform that are nobody else's, and those that this run has stored since it asked."""
    mine = (
        file
        for file in landed_files(catalog, (LandedStatus.WAITING, LandedStatus.DELIVERED, LandedStatus.IMPORTED))
        if file.transform_id == request.transform_id and file.flow_run_id in ("", request.flow_run_id)
    )
    return [file for file in mine if file.status != LandedStatus.IMPORTED or file.seen_on >= request.opened_on]


def _import_landed(file: LandedFile, transform: Transform, home: str) -> bool:
    """Store the labels of a file; a wrong one is answered, and the wait goes on."""
    catalog = Catalog.of(Workspace.at(home))
    settle_landed(catalog, file, LandedStatus.DELIVERED, this_run())
    try:
        token = f"{this_run()}/import/{file.content_hash}"
        once(import_labels, home, transform, token)(transform.name, file.path)
    except StorageUnreachableError:
        raise  # which is not the file's fault
    except (InvalidInputError, ResourceNumberLimitExceededError) as error:
        logger.warning("wait: '%s' was not taken. %s", file.path, error)
        settle_landed(catalog, file, LandedStatus.REJECTED, this_run(), str(error))
        reject(file.path, str(error))
        show_rejection(transform.name, file.path, error)
        return False
    settle_landed(catalog, file, LandedStatus.IMPORTED, this_run())
    return True
