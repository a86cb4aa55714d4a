"""The words of docs/benchmarks.md that are not counted or measured."""

from collections.abc import Callable

from benchmarks.results import DEDUPE, FINDMATCHES, SPLINK

INTRODUCTION = """\
How well findmatches matches tables whose truth is known, beside
[Splink](https://github.com/moj-analytical-services/splink) and [dedupe](https://github.com/dedupeio/dedupe) on the same
tables, and how fast. `benchmarks/accuracy.py` measures and writes this page, all but the section Speed;
`benchmarks/speed.py` measures and writes that section. No number is typed by hand."""

HOW_TO_READ = """\
- **Pairs.** Every two rows of a table either are about the same thing or are not. Precision is the share of the pairs
  that a program put together that belong together; recall is the share of the pairs that belong together that it put
  together; F1 is their harmonic mean. Where two tables are linked, only pairs with one row from each count. 1 is
  without a fault.
- **The oracle.** Nobody sat there to label. A program that knows the truth gave every answer that a careful person
  would have given; it never errs and never leaves a row blank. With people, results are somewhat lower.
- **A file** is one labeling file of findmatches: `labels generate` writes about 100 rows in about 10 sets, the oracle
  labels all of them, `labels import` brings them back. 0 files: the first pass, without any label.
- **Answers.** A labelled row is one answer of findmatches, a pair that was called a match or not is one answer of
  dedupe. Splink asks nothing.
- **Unseen pairs** are those that no labeling file and no question showed. F1 over them earns nothing by remembering
  answers. Where hardly a true pair is left unseen it says little, where none is left the field is empty.
- **Estimate.** `findmatches evaluate` says how good the matches are, with a 95 % interval, and knows the labels only.
  Its difference from the true F1 is in the tables (above 0: too high), and how often the interval held the true F1.
- **Several seeds.** findmatches ran with several values of FINDMATCHES_SEED. A number is their mean; least and most
  stand in brackets where they differ; large tables may have fewer seeds than the command names. The peers ran once.
- **An empty field** was not measured.
- **Seconds** are those of the processors, since the machine did other work too. Those of findmatches are of all
  commands up to there, with the start of each, also of those that wrote the matches after fewer files. **Memory** is
  the most that one process had."""

WHAT_SETS_ARE = {
    "restaurants": "restaurants from two guides: name, street, city, telephone, kitchen",
    "fake_1000": "made-up persons with swapped names and many blanks",
    "cora": "citations of papers in very different forms, up to hundreds of one paper",
    "early_childhood": "day-care centres from several offices' lists, with many sparse columns",
    "dm_abt_buy": "products of two shops: one long text and sometimes a price",
    "dblp_acm": "papers from two libraries: title, authors, venue, year",
    "febrl3": "made-up persons with typing errors, up to 6 rows of one person",
    "febrl4": "made-up persons with typing errors, one row of each person in each table",
    "musicbrainz_20k": "songs from five sources that write lengths, years and languages differently",
    "historical_50k": "historical persons, up to 21 rows of one person, with no reliable column",
}

HOW_PEERS_RUN = """\
findmatches was given the table, the name of its key and, where two tables are linked, the name of the column that tells
them apart; nothing else. The peers ran in environments of their own, each run with a limit of processor seconds and of
memory; a run that came to its limit or failed says so in place of F1.

- **Splink** got settings that a program writes after a look at the columns, as its documentation advises a person to
  do (`benchmarks/peers/splink_settings.py`): columns that are mostly empty or only repeat others are left out; dates,
  emails, codes, numbers, categories and names are compared by what Splink has for them, longer texts by shared words
  and rare words, and rare values count more; blocking by selective values and pairs of them; u from random pairs, the
  prior from strict rules, m by expectation maximisation; probability .9 and above; connected components, or one to one
  between two tables; DuckDB 1, since with 2.0 the last step takes gigabytes. A person who knows the table may do
  better.
- **dedupe** got the six columns that tell rows apart best, as short strings, strings, texts or prices by what is in
  them (`benchmarks/peers/dedupe_run.py`). Its own learner chose the pairs that the oracle answered; threshold .5, one
  to one between two tables."""

COLUMN_NAMES = (
    "",
    "answers",
    "precision",
    "recall",
    "F1",
    "F1 of unseen pairs",
    "estimated − true F1",
    "interval held it",
    "seconds",
    "memory MiB",
)


def _files(asked: int) -> str:
    return {0: "findmatches, no labels", 1: "findmatches, 1 file"}.get(asked, f"findmatches, {asked} files")


ROW_NAMES: dict[str, Callable[[int], str]] = {
    FINDMATCHES: _files,
    SPLINK: lambda _: "Splink, no labels",
    DEDUPE: lambda asked: f"dedupe, {asked} pairs",
}
