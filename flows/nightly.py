"""The flow that a transform's nightly schedule starts."""

from catalog.database import Catalog
from catalog.transforms import get_transform
from flows.guarded_flow import flow
from flows.permitted import check_permitted
from flows.steps import transform_task
from flows.turns import turn_of
from storage.workspace import Workspace
from tasks.crawl_again import crawl_again
from tasks.find_matches import RunSummary, last_output
from tasks.find_matches import find_matches as match_records


@flow(name="nightly", flow_run_name="nightly {name}")
def nightly(
    name: str, output: str | None = None, scores: bool = False, dedupe: bool = False, home: str | None = None
) -> RunSummary:
    """Crawl the transform's table again, and find matches of the rows that are new or changed.

    Where the crawl fails, or a column is gone, the run fails and the matches of the night before stay. While another
    flow of the transform learns or publishes, this one waits for its turn.

    Args:
        name: The transform's name or id.
        output: Where the matches go; the place of the last run when left out.
        scores: Add match_confidence_score, one number a cluster.
        dedupe: Keep one row a cluster, the one with the lowest primary key.
        home: The workspace folder; the environment's when left out.

    """
    check_permitted(output, home)
    home = str(Workspace.at(home).home)
    catalog = Catalog.of(Workspace.at(home))
    transform = get_transform(catalog, name)
    output = output or last_output(catalog, name)
    with turn_of(transform, home):
        transform_task(crawl_again, home, name)(name)
        return transform_task(match_records, home, name)(name, output, scores=scores, dedupe=dedupe, incremental=True)
