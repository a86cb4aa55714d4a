"""What a run's page says of each step: markdown, made of what the step returned."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from catalog.table import Table
from catalog.transforms import Transform
from errors import counted
from flows.curve_picture import as_markdown
from flows.markdown import code, table, words
from tasks.crawl_catalog import CrawlSummary
from tasks.estimate_quality import QUALITY_NAMES
from tasks.find_matches import RunSummary
from tasks.generate_labeling_set import LabelingSetSummary
from tasks.import_labels import ImportSummary
from tasks.sample_clusters import Cluster
from tasks.train import TrainSummary

TABLES, FILES = 20, 20
HOW_TO_LABEL = """Open it in a spreadsheet and fill the column **label**, one labeling set (the rows with the same
`labeling_set_id`) at a time: rows that are the same thing get the same letter, others another one. Leave a row empty
where you cannot tell. Save it as CSV"""


def page_of_crawl(found: CrawlSummary | Table | None) -> str:
    """The tables that were found, their columns, and what could not be read."""
    if found is None:
        return "Nothing was crawled: the crawler's schedule is not in force."
    if isinstance(found, Table):
        return f"## Schema found\n\n{_schema(found)}"
    head = f"{counted(len(found.tables), 'table')} in {counted(found.objects, 'file')}; {found.read:,} were read now."
    parts = ["## Schema found", head, *(_schema(each) for each in found.tables[:TABLES])]
    if len(found.tables) > TABLES:
        parts.append(f"… and {len(found.tables) - TABLES:,} more tables.")
    for heading, problems in (("Not read", found.problems), ("To know", found.notes)):
        if problems:
            rows = [(each.path, each.message) for each in problems[:FILES]]
            parts += [f"### {heading} ({len(problems):,})", table(("file", "why"), rows)]
    return "\n\n".join(parts)


def _schema(found: Table) -> str:
    rows = [(column.name, column.type) for column in found.all_columns]
    return f"### {words(found.qualified_name)}\n\n{code(found.location)}\n\n{table(('column', 'type'), rows)}"


def table_found(result: Any) -> str:
    """The name of the one table that a crawl found; nothing where it was none or more, or the step was no crawl."""
    tables: tuple[Table, ...] = (result,) if isinstance(result, Table) else getattr(result, "tables", ())
    return tables[0].qualified_name if len(tables) == 1 else ""


def page_of_labeling_set(made: LabelingSetSummary) -> str:
    """Where the file to label is, and what to do with it."""
    size = f"{counted(made.rows, 'row')} in {counted(made.sets, 'labeling set')}"
    return f"## Labeling file\n\n{size}: {code(made.path)}\n\n{HOW_TO_LABEL}.\n"


def page_of_request(labeling_path: str, labels_path: str, wait: str) -> str:
    """Which file a run waits to be labelled, where it is awaited, and for how long."""
    return (
        f"## Labels wanted\n\nThis run waits {wait} for somebody who labels {code(labeling_path)}\n\n{HOW_TO_LABEL}, "
        f"and put it at {code(labels_path)}\n\nWork on a copy in another folder: what is saved in that one is taken at "
        "once. The run goes on by itself then, and says here if a row is wrong.\n"
    )


def page_of_import(stored: ImportSummary) -> str:
    """What was stored."""
    rows = [("rows in the file", stored.rows), ("labels", stored.labels), ("rows without a label", stored.blank)]
    rows += [("labeling sets", stored.sets), ("labels of the transform now", stored.label_count)]
    notes = [f"- {words(each)}" for each in stored.warnings]
    said = "These labels were stored already; nothing changed." if stored.unchanged else "All labels were stored."
    return "\n\n".join(["## Labels", said, table(("", "count"), rows), *(["\n".join(notes)] if notes else [])])


def page_of_rejection(path: str, error: str) -> str:
    """What is wrong with a labelled file, one problem a line."""
    problems = error.partition("were not stored: ")[2] or error
    lines = "\n".join(f"- {words(each)}" for each in re.split(r"; (?=lines? |and \d)", problems))
    return (
        f"## Labels not taken\n\n{code(path)}\n\n{lines}\n\nNothing of this file was stored. Mend it and put it there "
        "again; it is looked at then."
    )


def page_of_training(model: TrainSummary) -> str:
    """What the model learned from."""
    rows = [("labelled pairs", model.labelled_pairs), ("matches among them", model.matches)]
    rows += [("non-matches", model.non_matches), ("candidate pairs of the table", model.candidate_pairs)]
    return f"## Model\n\n{code(model.model_id)}\n\n{table(('', 'count'), rows)}"


def page_of_tradeoffs(tuned: Transform) -> str:
    """The trade-offs as they are now."""
    names = ("precision_recall_tradeoff", "accuracy_cost_tradeoff")
    rows = [(name.replace("_", " "), getattr(tuned.parameters, name)) for name in names]
    return f"## Trade-offs\n\n{table(('', 'now'), rows)}\n\nThe quality before is the version before of its artifact."


def page_of_quality(metrics: Mapping[str, Any]) -> str:
    """The estimates with their intervals, the curve, the counts, and what each column counts for."""
    intervals = metrics.get("Intervals", {})
    rows = [(name, metrics[name], *_ends(intervals.get(name))) for name in QUALITY_NAMES.values()]
    counts = [(_spaced(name), number) for name, number in metrics["ConfusionMatrix"].items()]
    columns = [(each["ColumnName"], each["Importance"]) for each in metrics["ColumnImportances"]]
    curve = metrics.get("PRCurve")
    return "\n\n".join(
        [
            "## Estimated quality",
            f"From {counted(metrics['LabeledPairs'], 'labelled pair')} that the judging model had not seen.",
            table(("estimate", "value", "95 % from", "to"), rows),
            *([as_markdown(curve, metrics["Precision"], metrics["Recall"])] if curve else []),
            "### Labelled pairs",
            table(("", "pairs"), counts),
            "### What the columns count for",
            table(("column", "importance"), columns),
        ]
    )


def _ends(interval: list[float] | None) -> tuple[float | None, float | None]:
    return (interval[0], interval[1]) if interval else (None, None)


def _spaced(name: str) -> str:
    return "".join(f" {sign.lower()}" if sign.isupper() else sign for sign in name.removeprefix("Num")).strip()


def page_of_matches(made: RunSummary, clusters: list[Cluster]) -> str:
    """Where the matches are, how many, what is new, and the largest clusters."""
    facts: list[tuple[str, Any]] = [("rows", made.rows), ("clusters", made.clusters)]
    facts += [("rows that have a match", made.matched_rows), ("candidate pairs", made.candidate_pairs)]
    parts = ["## Matches", code(made.path), table(("", "count"), facts)]
    if made.model == "unsupervised":
        parts.append("Matched without labels. Labels make it better.")
    if made.why_full:
        parts.append(f"Not incremental: {words(made.why_full)}. All rows were compared.")
    if made.since_last_run:
        since = [(name.replace("_", " "), count) for name, count in vars(made.since_last_run).items()]
        parts += ["### Since the last run", table(("", "count"), since)]
    parts += [_cluster(each) for each in clusters]
    return "\n\n".join(parts)


def _cluster(cluster: Cluster) -> str:
    more = cluster.size - len(cluster.rows)
    head = f"### match_id {cluster.match_id}: {counted(cluster.size, 'row')}"
    return "\n\n".join([head, table(cluster.columns, cluster.rows), *([f"… and {more:,} more."] if more else [])])


PAGES: dict[str, tuple[str, Callable[[Any], str]]] = {
    "crawl": ("schema-found", page_of_crawl),
    "crawl_path": ("schema-found", page_of_crawl),
    "crawl_again": ("schema-found", page_of_crawl),
    "crawl_database": ("schema-found", page_of_crawl),
    "crawl_dynamodb": ("schema-found", page_of_crawl),
    "run_crawler": ("schema-found", page_of_crawl),
    "run_on_schedule": ("schema-found", page_of_crawl),
    "generate_labeling_set": ("labeling-file", page_of_labeling_set),
    "import_labels": ("labels", page_of_import),
    "train": ("model", page_of_training),
    "set_tradeoffs": ("trade-offs", page_of_tradeoffs),
    "estimate_quality": ("quality", page_of_quality),
}
