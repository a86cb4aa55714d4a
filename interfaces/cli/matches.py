"""train, evaluate, run: from labels to matches."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from errors import counted
from interfaces.cli import dispatch
from interfaces.cli.options import Json, MemoryLimit, Name
from interfaces.cli.present import say, show_facts, show_json, show_table
from interfaces.cli.progress import working
from tasks.forecast import RUN, TRAIN
from tasks.memory_budget import limited_to

if TYPE_CHECKING:
    from tasks.find_matches import SinceLastRun


QUALITIES = {
    "Precision": "precision = TP/(TP+FP)",
    "Recall": "recall = TP/(TP+FN)",
    "F1": "F1",
    "AreaUnderPRCurve": "AUPRC",
}


def train(name: Name, memory_limit: MemoryLimit = None, json: Json = False) -> None:
    """Learn from the labels what matches."""
    with working("train: learning from the labels", TRAIN), limited_to(memory_limit):
        model = dispatch.train(name)
    if json:
        return show_json(model)
    say(f"Model {model.model_id} learned from {counted(model.labelled_pairs, 'labelled pair')}:")
    say(f"{counted(model.matches, 'match', 'matches')} and {counted(model.non_matches, 'non-match', 'non-matches')}.")
    say(f"The table has {counted(model.candidate_pairs, 'candidate pair')}.")
    say(f"\nNext: findmatches evaluate {name}")
    return None


def evaluate(name: Name, memory_limit: MemoryLimit = None, json: Json = False) -> None:
    """Estimate how good the matches are."""
    with working("evaluate: estimating the quality"), limited_to(memory_limit):
        quality = dispatch.estimate_quality(name)
    if json:
        return show_json(quality)
    _show_quality(quality)
    say(f"\nNext: findmatches run {name} --output matches.csv")
    return None


def run(
    name: Name,
    output: Annotated[str, typer.Option(metavar="PATH", help="Where the rows go; must end with .csv or .parquet.")],
    scores: Annotated[
        bool, typer.Option("--scores", help="Add match_confidence_score, 0 to 1, one a cluster.")
    ] = False,
    dedupe: Annotated[bool, typer.Option("--dedupe", help="Keep one row a cluster: the lowest primary key.")] = False,
    incremental: Annotated[
        bool, typer.Option("--incremental", help="Seek only rows that are new or changed since the last run.")
    ] = False,
    memory_limit: MemoryLimit = None,
    json: Json = False,
) -> None:
    """Write every row with its match_id.

    Rows with the same match_id are about the same thing. Works without labels too, less well.
    A cluster keeps the match_id that most of its rows had in the last run.
    """
    with working("run: finding matches", RUN), limited_to(memory_limit):
        made = dispatch.find_matches(name, output, scores, dedupe, incremental)
    if json:
        return show_json(made)
    if made.model == "unsupervised":
        say("Without labels: matched by the unsupervised model. Labels make it better:")
        say(f"findmatches labels generate {name} --output to_label.csv\n")
    if made.why_full:
        say(f"Not incremental: {made.why_full}. All rows were compared.\n")
    show_facts(
        {
            "rows written" if dedupe else "rows": f"{made.rows:,}",
            "candidate pairs": f"{made.candidate_pairs:,}",
            "clusters": f"{made.clusters:,}",
            "rows that have a match": f"{made.matched_rows:,}",
            "model": made.model,
            "output": made.path,
        }
        | _since_last_run(made.since_last_run)
    )
    return None


def _since_last_run(changes: "SinceLastRun | None") -> dict[str, Any]:
    """Return the counts of what is different from the last run, by their names with blanks for underscores."""
    return {name.replace("_", " "): f"{count:,}" for name, count in vars(changes).items()} if changes else {}


def _show_quality(quality: dict[str, Any]) -> None:
    intervals = quality.get("Intervals", {})
    show_table(
        ("estimate", "value", "95 % from", "to"),
        [
            (words, share(quality[key]), *map(share, intervals.get(key, (None, None))))
            for key, words in QUALITIES.items()
        ],
    )
    counts = quality["ConfusionMatrix"]
    say()
    show_facts({_spaced(key): f"{value:,}" for key, value in counts.items()})
    say()
    importances = [(each["ColumnName"], share(each["Importance"])) for each in quality["ColumnImportances"]]
    show_table(("column", "importance"), importances)


def share(value: float | None) -> str | None:
    """Return a share with three digits after the point."""
    return None if value is None else f"{value:.3f}"


def _spaced(name: str) -> str:
    """Return Glue's NumTruePositives as words.

    >>> _spaced("NumTruePositives")
    'true positives'
    """
    return "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in name.removeprefix("Num")).strip()
