"""explain: why two rows matched or not."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from interfaces.cli.options import Json, MemoryLimit, Name
from interfaces.cli.present import printable, say, show_facts, show_json, show_table
from interfaces.cli.progress import working
from interfaces.cli.side_by_side import say_wrapped, show_side_by_side
from interfaces.cli.waterfall import show_waterfall
from storage.workspace import Workspace

if TYPE_CHECKING:
    from tasks.explanation import Blocking, Explanation, Similarity

RANKS = ("worse_rank", "better_rank")


def explain(
    name: Name,
    left: Annotated[str, typer.Argument(metavar="LEFT", help="Primary key of one row.")],
    right: Annotated[str, typer.Argument(metavar="RIGHT", help="Primary key of another row.")],
    memory_limit: MemoryLimit = None,
    json: Json = False,
) -> None:
    """Show why two rows matched or not.

    What each column adds to the probability that they are the same, which search proposed the pair, and in which
    clusters the two ended. Put keys that begin with a dash after two dashes: findmatches explain NAME -- -5 -7
    """
    from tasks.explain import explain as explain_rows
    from tasks.memory_budget import limited_to

    with working(f"explain: {left} and {right}"), limited_to(memory_limit):
        found = explain_rows(Workspace.from_environment(), name, left, right)
    if json:
        return show_json(found)
    return _show(found)


def _show(found: "Explanation") -> None:
    for sentence in found.summary:
        say_wrapped(printable(sentence))
    say()
    _show_rows(found)
    say()
    show_facts(_facts(found))
    if found.waterfall:
        say()
        show_waterfall(found.waterfall)
    if found.chain:
        say()
        links = [(each.left, each.right, _share(each.probability), each.by_label) for each in found.chain]
        rows = [(left, right, "label" if by_label else share) for left, right, share, by_label in links]
        show_table(("strongest chain", "", "probability"), rows, right={"probability"})
    if found.blocking:
        say()
        _show_blocking(found, found.blocking)
    if found.similarities:
        say()
        _show_similarities(found.similarities)


def _show_rows(found: "Explanation") -> None:
    """Print the two rows side by side, as written, with what a run writes beside them."""
    left, right = found.left, found.right
    rows: list[tuple[str, Any, Any]] = [(cell.column, cell.left, cell.right) for cell in found.columns]
    rows += [
        ("match_id", str(left.match_id), str(right.match_id)),
        ("confidence", _share(left.match_confidence_score), _share(right.match_confidence_score)),
        ("cluster rows", f"{left.cluster_rows:,}", f"{right.cluster_rows:,}"),
    ]
    marked = [(name, one, other, "=" if one == other and one is not None else None) for name, one, other in rows]
    show_side_by_side(("column", left.primary_key, right.primary_key, ""), marked)


def _facts(found: "Explanation") -> dict[str, Any]:
    left, before = found.left, found.before_labels
    more = ", …" if left.cluster_rows > len(left.cluster_keys) else ""
    return {
        "probability": None if found.probability is None else _share(found.probability),
        "threshold": _share(found.threshold),
        "model": found.model,
        "without labels": before and _share(before.probability),
        "cluster": f"{', '.join(left.cluster_keys)}{more}" if found.same_cluster else None,
    }


def _show_blocking(found: "Explanation", blocking: "Blocking") -> None:
    left, right = found.left.primary_key, found.right.primary_key
    headings = ("search by", "nearest kept", f"rank of {right}", f"rank of {left}", "proposed")
    rows = [
        (each.by, each.kept, _rank(each.rank_of_right), _rank(each.rank_of_left), "yes" if each.proposed else "no")
        for each in blocking.searches
    ]
    show_table(headings, rows, right=set(headings[2:4]))
    shared = blocking.shared_neighbour
    if shared:
        of_two = f"{_share(shared.probability_left)} and {_share(shared.probability_right)}"
        say_wrapped(printable(f"Proposed by the neighbour they share: {shared.primary_key} (probability {of_two})."))
    elif blocking.proposed_by == ("earlier run",):
        say("An earlier run compared the pair, when other rows were there.")
    elif not blocking.proposed_by:
        say("No search proposed the pair, so a run does not compare it.")


def _show_similarities(similarities: "tuple[Similarity, ...]") -> None:
    """Print the values of all measures, a paragraph a column."""
    columns = {each.column: "whole row" if each.column == "*" else printable(each.column) for each in similarities}
    width = max(map(len, columns.values()))
    say("Similarities from 0 to 1, the same; rarity in bits; rank 1 is the nearest.")
    for column, shown in columns.items():
        told = [_told(each) for each in similarities if each.column == column and each.value is not None]
        text = ", ".join(told) or "nothing to compare"
        say_wrapped(f"{shown.ljust(width)}  {text}", indent=width + 2)


def _told(similarity: "Similarity") -> str:
    words = similarity.measure.replace("_grams", " by 3-grams").replace("_first_pass", " without labels")
    name = "log-odds without labels" if words == "first_pass" else words.replace("_", " ")
    value = similarity.value or 0.0
    number = f"{value + 1:.0f}" if similarity.measure.startswith(RANKS) else f"{value:.2f}"
    return f"{name} {number}"


def _rank(rank: int | None) -> str:
    return "none" if rank is None else f"{rank:,}"


def _share(share: float) -> str:
    return f"{share:.3f}"
