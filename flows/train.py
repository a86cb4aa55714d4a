"""The flow behind `findmatches train`."""

from flows.guarded_flow import flow
from flows.permitted import check_permitted
from flows.steps import transform_task
from tasks.train import TrainSummary
from tasks.train import train as learn


@flow(name="train", flow_run_name="train {name}")
def train(name: str, home: str | None = None) -> TrainSummary:
    """Learn from the stored labels which pairs of records match.

    Args:
        name: The transform's name or id.
        home: The workspace folder; the environment's when left out.

    """
    check_permitted(home)
    return transform_task(learn, home, name)(name)
