"""The flow that starts when labels land that no run waits for."""

from catalog.database import Catalog
from catalog.landed_files import LandedStatus, landed_files, settle_landed
from catalog.transforms import Transform, get_transform
from flows.guarded_flow import flow
from flows.landed_labels import REFUSED, answer, import_with_patience
from flows.learn import Learned, learn_and_match
from flows.permitted import check_permitted
from flows.runs import this_run
from flows.turns import turn_of
from storage.workspace import Workspace
from tasks.find_matches import last_output


@flow(name="learn_from_labels", flow_run_name="labels of {name}")
def learn_from_labels(
    name: str,
    labels_path: str,
    output: str | None = None,
    scores: bool = False,
    dedupe: bool = False,
    incremental: bool = False,
    home: str | None = None,
) -> Learned:
    """Store the labels of a file, learn from all labels, estimate the quality, and write the matches.

    A wrong file is answered by another one beside it, and nothing else is done.

    Args:
        name: The transform's name or id.
        labels_path: The labelled file: a path or an s3:// url.
        output: Where the matches go; the place of the last run when left out.
        scores: Add match_confidence_score, one number a cluster.
        dedupe: Keep one row a cluster, the one with the lowest primary key.
        incremental: Seek only rows that are new or changed since the last run among all.
        home: The workspace folder; the environment's when left out.

    """
    check_permitted(labels_path, output, home)
    home = str(Workspace.at(home).home)
    catalog = Catalog.of(Workspace.at(home))
    transform = get_transform(catalog, name)
    try:
        import_with_patience(transform, labels_path, f"{this_run()}/import", home)
    except REFUSED as error:
        _settle(catalog, transform, labels_path, LandedStatus.REJECTED, str(error))
        answer(transform, labels_path, error)
        raise
    _settle(catalog, transform, labels_path, LandedStatus.IMPORTED)
    output = output or last_output(catalog, name)
    with turn_of(transform, home):
        return learn_and_match(transform, output, home, scores=scores, dedupe=dedupe, incremental=incremental)


def _settle(catalog: Catalog, transform: Transform, path: str, status: LandedStatus, message: str = "") -> None:
    """Write down what became of the file, where it came by the watcher."""
    for file in landed_files(catalog, (LandedStatus.WAITING, LandedStatus.DELIVERED, LandedStatus.DROPPED)):
        if (file.path, file.transform_id) == (path, transform.transform_id) and file.flow_run_id in {"", this_run()}:
            settle_landed(catalog, file, status, this_run(), message)
