"""The flow run that goes on now: its id, and whether a deployment started it."""

from prefect.runtime import deployment, flow_run


def this_run() -> str:
    """Return the id of the flow run; it stays the same when the run goes on after a wait, or is tried again."""
    return str(flow_run.id or "")


def is_deployed() -> bool:
    """Return whether a deployment started the run: a worker can take it up again, and nobody watches a terminal."""
    return deployment.id is not None
