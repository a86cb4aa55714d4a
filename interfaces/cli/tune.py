"""tune: other trade-offs, the quality before and after, and the matches anew."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from interfaces.cli import dispatch, options
from interfaces.cli.matches import QUALITIES, share
from interfaces.cli.options import Json, MemoryLimit, Name
from interfaces.cli.present import plain, say, show_facts, show_json, show_table
from interfaces.cli.progress import working
from storage.workspace import Workspace
from tasks.forecast import RUN
from tasks.memory_budget import limited_to

if TYPE_CHECKING:
    from catalog.transforms import Transform


def tune(
    name: Name,
    precision_recall: Annotated[float | None, options.PRECISION_RECALL] = None,
    accuracy_cost: Annotated[float | None, options.ACCURACY_COST] = None,
    output: Annotated[
        str | None, typer.Option(metavar="PATH", help="Where the rows go; that of the last run when left out.")
    ] = None,
    scores: Annotated[
        bool, typer.Option("--scores", help="Add match_confidence_score, 0 to 1, one a cluster.")
    ] = False,
    dedupe: Annotated[bool, typer.Option("--dedupe", help="Keep one row a cluster: the lowest primary key.")] = False,
    memory_limit: MemoryLimit = None,
    json: Json = False,
) -> None:
    """Change the trade-offs, and match again without labeling again.

    Nothing is compared again that was compared before. The transform keeps the trade-offs.
    """
    before = _transform(name)
    with working("tune: finding matches", RUN), limited_to(memory_limit):
        quality, made = dispatch.tune(name, precision_recall, accuracy_cost, output, scores, dedupe)
    now = _transform(name)
    if json:
        return show_json({"transform": plain(now), "before": before.evaluation_metrics, "matches": made})
    for words, field in (
        ("precision recall", "precision_recall_tradeoff"),
        ("accuracy cost", "accuracy_cost_tradeoff"),
    ):
        say(f"{words} tradeoff: {getattr(before.parameters, field)} before, {getattr(now.parameters, field)} now")
    say()
    _show_change(before.evaluation_metrics or {}, quality)
    say()
    show_facts({"clusters": f"{made.clusters:,}", "rows that have a match": f"{made.matched_rows:,}"})
    show_facts({"output": made.path})
    return None


def _show_change(before: dict[str, Any], now: dict[str, Any]) -> None:
    rows = [
        (words, share(before.get(key)), share(now[key]), *map(share, now["Intervals"][key]))
        for key, words in QUALITIES.items()
    ]
    show_table(("estimate", "before", "now", "95 % from", "to"), rows)


def _transform(name: str) -> "Transform":
    from catalog.database import Catalog
    from catalog.transforms import get_transform

    return get_transform(Catalog.of(Workspace.from_environment()), name)
