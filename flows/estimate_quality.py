"""The flow behind `findmatches evaluate`."""

from typing import Any

from flows.guarded_flow import flow
from flows.permitted import check_permitted
from flows.steps import transform_task
from tasks.estimate_quality import estimate_quality as estimate


@flow(name="estimate_quality", flow_run_name="estimate {name}")
def estimate_quality(name: str, home: str | None = None) -> dict[str, Any]:
    """Estimate precision and recall of a transform from its labels; the keys are Glue's.

    Args:
        name: The transform's name or id.
        home: The workspace folder; the environment's when left out.

    """
    check_permitted(home)
    return transform_task(estimate, home, name)(name)
