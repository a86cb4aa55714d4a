"""blocking: which rows are compared, and what that may miss."""

from typing import TYPE_CHECKING

from interfaces.cli.options import Json, MemoryLimit, Name
from interfaces.cli.present import say, show_facts, show_json, show_table
from interfaces.cli.progress import working
from interfaces.cli.side_by_side import say_wrapped
from storage.workspace import Workspace

if TYPE_CHECKING:
    from tasks.blocking_report import BlockingReport

CHANCE = 0.5


def blocking(name: Name, memory_limit: MemoryLimit = None, json: Json = False) -> None:
    """Show which rows are compared, and what that may miss.

    Candidates of each record, what each search found, an estimate of how many matching pairs are among them, and the
    likeliest pairs that are not. --accuracy-cost of `transform update` says how widely is searched.
    """
    from tasks.blocking_report import blocking_report
    from tasks.memory_budget import limited_to

    with working(f"blocking: {name}"), limited_to(memory_limit):
        report = blocking_report(Workspace.from_environment(), name)
    if json:
        return show_json(report)
    return _show(report)


def _show(report: "BlockingReport") -> None:
    show_facts(_facts(report))
    say()
    found = [(each.by, f"{each.pairs:,}", f"{each.only:,}") for each in report.found_by]
    show_table(("found by", "pairs", "only by this"), found, right={"pairs", "only by this"})
    _show_recall(report)
    _show_largest(report)
    _show_dropped(report)


def _facts(report: "BlockingReport") -> dict[str, str]:
    same = "" if report.rows == report.records else f", of which {report.records:,} are different"
    return {
        "transform": report.name,
        "rows": f"{report.rows:,}{same}",
        "accuracy cost": f"{report.accuracy_cost_tradeoff:g}",
        "candidate pairs": f"{report.pairs:,}, {report.mean_candidates:.1f} per record",
        "candidates of a record": f"median {report.median_candidates:g}, most {report.most_candidates:,}",
    }


def _show_recall(report: "BlockingReport") -> None:
    if not report.recall:
        return
    say()
    show_table(("estimated recall by", "recall"), [(each.by, f"{each.recall:.3f}") for each in report.recall])
    for each in report.recall:
        say_wrapped(f"{each.by}: {each.how}.")


def _show_largest(report: "BlockingReport") -> None:
    if report.most_compared:
        say()
        show_table(("most candidates", "candidates"), [(each.key, each.candidates) for each in report.most_compared])
    if report.common_terms:
        say()
        rows = [(each.by, each.term, f"{each.records:,}", f"{each.left_out:,}") for each in report.common_terms]
        show_table(
            ("search", "commonest terms", "records", "not searched by"), rows, right={"records", "not searched by"}
        )


def _show_dropped(report: "BlockingReport") -> None:
    if not report.dropped:
        return
    say()
    likely = sum(each.probability > CHANCE for each in report.dropped)
    say(f"Likeliest pairs that are not compared, {likely} of them likely matches:")
    rows = [(each.left, each.right, f"{each.similarity:.3f}", f"{each.probability:.3f}") for each in report.dropped]
    show_table(("left", "right", "similarity", "probability"), rows, right={"similarity", "probability"})
