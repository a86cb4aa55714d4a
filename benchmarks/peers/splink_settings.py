"""Settings for Splink as its documentation advises: one comparison a column by its kind, selective blocking rules."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import splink.comparison_level_library as cll
import splink.comparison_library as cl
from splink import block_on

from benchmarks.peers.splink_columns import Column, Value
from benchmarks.peers.task import SOURCE

PAIRS_PER_RECORD_OF_A_RULE = 10
PAIRS_PER_RECORD_OF_ALL_RULES = 40
RULES_AT_MOST = 15
PAIRS_TO_LEARN_FROM = 80
START_OF_A_VALUE = 4  # letters; of a date it is the year

Row = dict[str, Value]


@dataclass(frozen=True)
class Part:
    """One of the things that two records must share to be compared: a value, its start, or one of its rare words."""

    column: str
    what: str  # value, start, rare or rarest

    @property
    def sql(self) -> str:
        """The part as a blocking rule has it."""
        start = f"substr({self.column}, 1, {START_OF_A_VALUE})"
        return {"value": self.column, "start": start}.get(self.what, f"{self.column}_{self.what}")

    def of(self, row: Row) -> Value:
        """Return the part of one record."""
        value = row[self.sql if self.what.startswith("rare") else self.column]
        return value[:START_OF_A_VALUE] if self.what == "start" and isinstance(value, str) else value


@dataclass(frozen=True)
class Rule:
    """A blocking rule and the pairs that it proposes."""

    parts: tuple[Part, ...]
    pairs: int

    @property
    def columns(self) -> frozenset[str]:
        """The columns that it reads."""
        return frozenset(part.column for part in self.parts)

    @property
    def is_plain(self) -> bool:
        """Whether Splink can learn from it: rules on rare words only propose."""
        return all(part.what != "rare" for part in self.parts)

    def implies(self, other: "Rule") -> bool:
        """Return whether every pair of this rule is one of the other's."""
        return all(any(_as_narrow(mine, part) for mine in self.parts) for part in other.parts)

    def for_splink(self) -> Any:
        """Return the rule as Splink has it."""
        sqls = [part.sql for part in self.parts]
        return block_on(*sqls) if self.is_plain else block_on(*sqls, arrays_to_explode=sqls)


def comparison(column: Column) -> Any:
    """Return how two values of a column are compared; what is rare and equal counts more, as Splink can."""
    name = column.name
    match column.kind:
        case "date":
            return cl.DateOfBirthComparison(name, input_is_string=True, invalid_dates_as_null=False)
        case "email":
            return cl.EmailComparison(name)
        case "category":
            return cl.ExactMatch(name).configure(term_frequency_adjustments=True)
        case "number":
            close = [cll.PercentageDifferenceLevel(name, share) for share in (0.01, 0.1, 0.3)]
            return cl.CustomComparison([cll.NullLevel(name), cll.ExactMatchLevel(name), *close, cll.ElseLevel()], name)
        case "code":
            return cl.LevenshteinAtThresholds(name, [1, 2]).configure(term_frequency_adjustments=True)
        case "text":
            return _text_comparison(name)
    return cl.NameComparison(name)


def blocking_rules(columns: Sequence[Column], rows: list[Row]) -> list[Rule]:
    """Return selective rules: single columns first, then pairs of columns, those that most records can meet first."""
    rules: list[Rule] = []
    for candidate in _candidates(columns, rows):
        total = sum(rule.pairs for rule in rules) + candidate.pairs
        affordable = total <= PAIRS_PER_RECORD_OF_ALL_RULES * len(rows) and len(rules) < RULES_AT_MOST
        if affordable and not any(candidate.implies(rule) or candidate.columns == rule.columns for rule in rules):
            rules.append(candidate)
    return rules


def strict_rules(columns: Sequence[Column], rows: list[Row]) -> list[Rule]:
    """Return rules whose pairs are hardly ever wrong: a code or an email, or any two columns, are the same."""
    whole = [Part(column.name, "value") for column in columns if column.kind != "number"]
    telling = [Part(column.name, "value") for column in columns if column.kind in ("code", "email")]
    category = {column.name for column in columns if column.kind == "category"}
    pairs = [pair for pair in combinations(whole, 2) if not {part.column for part in pair} & category]
    rules = list(_selective([*((part,) for part in telling), *pairs], rows))
    return [rule for rule in rules if rule.pairs <= len(rows)] or sorted(rules, key=lambda rule: rule.pairs)[:1]


def training_rules(columns: Sequence[Column], rows: list[Row], rules: list[Rule]) -> list[Rule]:
    """Return rules to learn from, so that every column is learned from a rule that does not read it.

    Splink learns best where matches are not rare: the narrowest rules come first that propose enough pairs.  It cannot
    learn from a rule on all rare words; the rarest word takes their place.
    """
    rarest = _selective([(Part(column.name, "rarest"),) for column in columns if column.kind == "text"], rows)
    plain = [*(rule for rule in rules if rule.is_plain), *rarest]
    enough = [rule for rule in plain if rule.pairs >= PAIRS_TO_LEARN_FROM] or plain
    chosen: list[Rule] = []
    missing = {column.name for column in columns}
    for _ in columns:
        best = max(sorted(enough, key=_narrowness), key=lambda rule: len(missing - rule.columns), default=None)
        if best is None or not missing - best.columns:
            break
        chosen.append(best)
        missing &= best.columns
    return chosen


def _narrowness(rule: Rule) -> tuple[bool, int]:
    return any(part.what != "value" for part in rule.parts), rule.pairs


def _as_narrow(mine: Part, other: Part) -> bool:
    return mine.column == other.column and (mine.what == other.what or (mine.what, other.what) == ("value", "start"))


def _text_comparison(name: str) -> Any:
    shared = f"len(list_intersect({name}_words_l, {name}_words_r))"
    jaccard = f"{shared} / (len({name}_words_l) + len({name}_words_r) - {shared})"
    likeness = f"jaro_winkler_similarity({name}_l, {name}_r)"
    rare = f"coalesce(len(list_intersect({name}_rare_l, {name}_rare_r)), 0)"
    levels = [
        cll.NullLevel(name),
        cll.ExactMatchLevel(name, term_frequency_adjustments=True),
        cll.CustomLevel(f"{jaccard} >= 0.7 or {likeness} >= 0.95"),
        cll.CustomLevel(f"{jaccard} >= 0.4 and {rare} > 0"),
        cll.CustomLevel(f"{jaccard} >= 0.2 and {rare} > 0"),
        cll.CustomLevel(f"{jaccard} >= 0.4 or {likeness} >= 0.9"),
        cll.CustomLevel(f"{jaccard} >= 0.2"),
        cll.ElseLevel(),
    ]
    return cl.CustomComparison(levels, name)


def _candidates(columns: Sequence[Column], rows: list[Row]) -> Iterable[Rule]:
    filled = {column.name: column.filled for column in columns}
    usable = [column for column in columns if column.kind != "number"]
    values = [Part(column.name, "value") for column in usable if column.kind != "category"]
    starts = [Part(column.name, "start") for column in usable if column.kind not in ("category", "email")]
    categories = [Part(column.name, "value") for column in usable if column.kind == "category"]
    rare = [Part(column.name, "rare") for column in usable if column.kind == "text"]
    single = [(part,) for part in (*values, *rare)]
    pairs = [pair for pair in combinations((*values, *starts, *categories), 2) if pair[0].column != pair[1].column]

    def met(rule: Rule) -> tuple[float, int]:
        return -min(filled[part.column] for part in rule.parts), -rule.pairs

    for parts in (single, pairs):
        yield from sorted(_selective(parts, rows), key=met)


def _selective(candidates: Iterable[tuple[Part, ...]], rows: list[Row]) -> Iterable[Rule]:
    for parts in candidates:
        pairs = _proposed(parts, rows)
        if 0 < pairs <= PAIRS_PER_RECORD_OF_A_RULE * len(rows):
            yield Rule(parts, pairs)


def _proposed(parts: tuple[Part, ...], rows: list[Row]) -> int:
    """Return how many pairs of records share all parts; when the table has sources, only those across."""
    blocks: Counter[tuple[object, ...]] = Counter()
    for row in rows:
        values = [part.of(row) for part in parts]
        if None in values:
            continue
        if parts[0].what == "rare":
            blocks.update((word, row.get(SOURCE)) for word in _words(values[0]))
        else:
            blocks[*values, row.get(SOURCE)] += 1
    return _pairs(blocks)


def _pairs(blocks: Counter[tuple[object, ...]]) -> int:
    whole: Counter[tuple[object, ...]] = Counter()
    inside = 0
    for (*key, source), size in blocks.items():
        whole[tuple(key)] += size
        inside += size * (size - 1) // 2 if source else 0
    return sum(size * (size - 1) // 2 for size in whole.values()) - inside


def _words(value: Value) -> list[str]:
    return value if isinstance(value, list) else []
