"""The flow behind `findmatches tune`."""

from typing import Annotated

from catalog.database import Catalog
from catalog.transforms import get_transform
from flows.guarded_flow import flow
from flows.learn import Learned, learn_and_match
from flows.parameters import between
from flows.permitted import check_permitted
from flows.steps import transform_task
from flows.turns import turn_of
from storage.workspace import Workspace
from tasks.find_matches import last_output
from tasks.set_tradeoffs import set_tradeoffs


@flow(name="tune", flow_run_name="tune {name}")
def tune(
    name: str,
    precision_recall_tradeoff: Annotated[float | None, between(0, 1)] = None,
    accuracy_cost_tradeoff: Annotated[float | None, between(0, 1)] = None,
    output: str | None = None,
    scores: bool = False,
    dedupe: bool = False,
    home: str | None = None,
) -> Learned:
    """Change the trade-offs of a labelled transform, estimate the quality, and write the matches again.

    Nobody labels anything again. With another precision-recall trade-off nothing is compared again; with another
    accuracy-cost trade-off only pairs that were not compared before.

    Args:
        name: The transform's name or id.
        precision_recall_tradeoff: 0 finds more matches, 1 makes fewer errors; as it was when left out.
        accuracy_cost_tradeoff: 0 is quick, 1 searches thoroughly; as it was when left out.
        output: Where the matches go; the place of the last run when left out.
        scores: Add match_confidence_score, one number a cluster.
        dedupe: Keep one row a cluster, the one with the lowest primary key.
        home: The workspace folder; the environment's when left out.

    """
    check_permitted(output, home)
    home = str(Workspace.at(home).home)
    catalog = Catalog.of(Workspace.at(home))
    output = output or last_output(catalog, name)
    with turn_of(get_transform(catalog, name), home):
        tuned = transform_task(set_tradeoffs, home, name)(name, precision_recall_tradeoff, accuracy_cost_tradeoff)
        return learn_and_match(tuned, output, home, scores=scores, dedupe=dedupe)
