"""The flow behind `findmatches labels generate`."""

from flows.guarded_flow import flow
from flows.permitted import check_permitted
from flows.steps import transform_task
from tasks.generate_labeling_set import LabelingSetSummary
from tasks.generate_labeling_set import generate_labeling_set as write_labeling_sets


@flow(name="generate_labeling_set", flow_run_name="labels for {name}")
def generate_labeling_set(name: str, output: str, home: str | None = None) -> LabelingSetSummary:
    """Choose the records worth asking about, and write them as a file for a person to label.

    Args:
        name: The transform's name or id.
        output: Where the file goes: a path or an s3:// url.
        home: The workspace folder; the environment's when left out.

    """
    check_permitted(output, home)
    return transform_task(write_labeling_sets, home, name)(name, output)
