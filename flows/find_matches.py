"""The flow behind `findmatches run`."""

from flows.guarded_flow import flow
from flows.permitted import check_permitted
from flows.steps import transform_task
from tasks.find_matches import RunSummary
from tasks.find_matches import find_matches as match_records


@flow(name="find_matches", flow_run_name="matches of {name}")
def find_matches(
    name: str,
    output: str,
    scores: bool = False,
    dedupe: bool = False,
    incremental: bool = False,
    home: str | None = None,
) -> RunSummary:
    """Write every row of the transform's table with the match_id of the thing it is about.

    Args:
        name: The transform's name or id.
        output: Where the rows go: a path or an s3:// url that ends with .csv or .parquet.
        scores: Add match_confidence_score, one number a cluster.
        dedupe: Keep one row a cluster, the one with the lowest primary key.
        incremental: Seek only rows that are new or changed since the last run among all.
        home: The workspace folder; the environment's when left out.

    """
    check_permitted(output, home)
    step = transform_task(match_records, home, name)
    return step(name, output, scores=scores, dedupe=dedupe, incremental=incremental)
