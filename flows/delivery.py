"""Labels that landed go to the run that waits for them, or to a new one: once, however often it is tried."""

import logging
from hashlib import sha256
from typing import cast
from uuid import UUID

from prefect import get_client
from prefect.client.schemas.objects import FlowRun, State
from prefect.deployments import run_deployment
from prefect.events import emit_event
from prefect.exceptions import FlowPauseTimeout, NotPausedError, ObjectNotFound
from prefect.flow_runs import resume_flow_run

from catalog.database import Catalog
from catalog.label_requests import LabelRequest, all_requests, close_request, open_requests
from catalog.landed_files import LandedFile, LandedStatus, is_waiting, landed_files, settle_landed
from catalog.transforms import Transform, get_transform
from errors import EntityNotFoundError, InvalidInputError
from storage.workspace import Workspace
from tasks.find_matches import last_output
from tasks.landed_labels import reject

LABELS_LANDED = "findmatches.labels.landed"
DEPLOYMENT = "learn_from_labels/learn-from-labels"

logger = logging.getLogger("findmatches.flows")


def deliver_landed(home: str, folder: str | None) -> list[LandedFile]:
    """Deliver all files that wait, and return those that a run has now; matches of new transforms go to `folder`.

    A run that has not suspended yet takes its files itself, or is found suspended by the next call.
    """
    catalog = Catalog.of(Workspace.at(home))
    _drop_what_no_run_takes(catalog)
    return [file for file in landed_files(catalog, (LandedStatus.WAITING,)) if _deliver(catalog, file, home, folder)]


def _drop_what_no_run_takes(catalog: Catalog) -> None:
    """Answer files whose runs have ended before they took them; the same file is looked at when it lands again."""
    for file in landed_files(catalog, (LandedStatus.DELIVERED,)):
        state = _state_of(file.flow_run_id)
        if state is not None and not state.is_final():
            continue
        how = "was deleted" if state is None else f"ended as {state.name}"
        message = (
            f"The run that was to take these labels {how} before it took them. Its page says why: press Retry there."
        )
        if settle_landed(catalog, file, LandedStatus.DROPPED, message=message, where={LandedStatus.DELIVERED}):
            logger.warning("labels: '%s' was not taken. %s", file.path, message)
            reject(file.path, message)


def _deliver(catalog: Catalog, file: LandedFile, home: str, folder: str | None) -> bool:
    """Return whether a run has the file now."""
    if not is_waiting(catalog, file):
        return False  # a run took it while others were delivered
    try:
        transform = get_transform(catalog, file.transform_id)
    except EntityNotFoundError as error:
        settle_landed(catalog, file, LandedStatus.REJECTED, message=str(error))
        return False
    request = _request_for(catalog, file)
    run_id = _resumed(catalog, request) if request else _started(catalog, file, transform, home, folder)
    if not run_id:
        return False
    settle_landed(catalog, file, LandedStatus.DELIVERED, run_id, where={LandedStatus.WAITING})
    logger.info("labels: '%s' of transform '%s' goes to flow run %s", file.path, transform.name, run_id)
    _tell(file, transform, run_id)
    return True


def _request_for(catalog: Catalog, file: LandedFile) -> LabelRequest | None:
    """Return the request that a file answers, that for its path first; those whose runs have ended are closed."""
    requests = [request for request in open_requests(catalog) if request.transform_id == file.transform_id]
    for request in sorted(requests, key=lambda request: request.labels_path != file.path):
        state = _state_of(request.flow_run_id)
        if state is not None and not state.is_final():
            return request
        close_request(catalog, request.request_id)
    return None


def _state_of(flow_run_id: str) -> State | None:
    run = _run(flow_run_id)
    return run.state if run else None


def _run(flow_run_id: str) -> FlowRun | None:
    with get_client(sync_client=True) as client:
        try:
            return client.read_flow_run(UUID(flow_run_id))
        except ObjectNotFound:
            return None


def _resumed(catalog: Catalog, request: LabelRequest) -> str:
    """Resume the run that waits, and return its id; nothing while it is still on its way to waiting."""
    try:
        resume_flow_run(UUID(request.flow_run_id))
    except FlowPauseTimeout:
        close_request(catalog, request.request_id)
        return ""
    except (NotPausedError, RuntimeError):  # it runs, or somebody was first
        return ""
    return request.flow_run_id


def _started(catalog: Catalog, file: LandedFile, transform: Transform, home: str, folder: str | None) -> str:
    """Start the run for this file, or find the one that was started, and return its id."""
    parameters = {
        "name": transform.name,
        "labels_path": file.path,
        "output": _output(catalog, transform, folder),
        "home": home,
    }
    version = sha256(f"{file.version}@{file.path}".encode()).hexdigest()
    run = run_deployment(  # no coroutine, since no loop runs here
        DEPLOYMENT,
        parameters=parameters,
        idempotency_key=f"labels/{transform.transform_id}/{file.content_hash}/{version}",
        timeout=0,
        as_subflow=False,
    )
    return str(cast("FlowRun", run).id)


def _output(catalog: Catalog, transform: Transform, folder: str | None) -> str | None:
    """Return where the matches of a transform go that has none yet; the run knows where the others are.

    It is where the run wanted them that asked for labels last, else in the folder for such matches.
    """
    try:
        last_output(catalog, transform.transform_id)
    except InvalidInputError:
        return _output_asked_for(catalog, transform) or (
            f"{folder.rstrip('/')}/{transform.name}.csv" if folder else None
        )
    return None


def _output_asked_for(catalog: Catalog, transform: Transform) -> str | None:
    for request in all_requests(catalog):
        if request.transform_id == transform.transform_id and (run := _run(request.flow_run_id)):
            wanted = run.parameters.get("output")
            return str(wanted) if wanted else None
    return None


def _tell(file: LandedFile, transform: Transform, run_id: str) -> None:
    """Let the server's feed, and its automations, know."""
    emit_event(
        event=LABELS_LANDED,
        resource={"prefect.resource.id": file.path},
        related=[{"prefect.resource.id": f"prefect.flow-run.{run_id}", "prefect.resource.role": "flow-run"}],
        payload={"transform": transform.name, "content_hash": file.content_hash},
    )
