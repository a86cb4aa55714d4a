"""The flow behind `findmatches labels import`."""

from flows.guarded_flow import flow
from flows.permitted import check_permitted
from flows.steps import transform_task
from tasks.import_labels import ImportSummary
from tasks.import_labels import import_labels as store_labels


@flow(name="import_labels", flow_run_name="labels of {name}")
def import_labels(name: str, path: str, replace: bool = False, home: str | None = None) -> ImportSummary:
    """Check a labelled file and store its labels: all of them, or none when a row is wrong.

    Args:
        name: The transform's name or id.
        path: The labelled file: a path or an s3:// url.
        replace: Forget the labels stored before.
        home: The workspace folder; the environment's when left out.

    """
    check_permitted(path, home)
    return transform_task(store_labels, home, name)(name, path, replace=replace)
