"""What people's answers teach: a forest over the similarities, leaning on the first pass where answers are few.

Every answered pair counts one.  A sample of all candidates, each both as a match and as no match with the weights
the first pass gives it, counts PRIOR_PAIRS in all: it decides where there are no answers and fades as they come.
Beside the forest the first pass has a say of its own, which fades too.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from matching.compare import WHOLE_RECORD, Similarities
from matching.memory import let_go
from matching.neighbours import NEIGHBOUR_FEATURES, neighbour_features
from matching.pairs import Pairs
from matching.progress import Stage, told
from matching.score import FirstPass

if TYPE_CHECKING:
    from sklearn.ensemble import RandomForestClassifier

PRIOR_PAIRS = 30.0
PRIOR_SAMPLE = 1000
TREES = 300
LEAST_LEAF = 0.4  # answered pairs; so that no leaf rests on what the first pass says of a few sampled pairs
FIRST_PASS = "first_pass"  # noqa: S105 - a feature's name
ABSENT = -1.0
PAIRS_AT_ONCE = 20_000
MANY_PAIRS, FIRST_TREES, HOPELESS = 700_000, 40, 0.01
MOST_SAY, SAY_IN_PAIRS = 0.2, 80.0
FLOOR = 0.0025
MOST_DOUBT = 6.0

Rows = slice | NDArray[np.int64] | int


class Features(Protocol):
    """What a classifier sees of each pair: rows of a table that need not be in memory whole."""

    def __len__(self) -> int:
        """How many pairs there are."""

    def __getitem__(self, rows: Rows, /) -> NDArray[np.float32]:
        """The features of these pairs: (pairs, features), of a single one (features,)."""


@dataclass(frozen=True)
class FeatureTable:
    """All similarities, and beside them what `features_beside` has.

    A missing similarity is ABSENT.  Rows are put together when they are asked for.
    """

    similarities: NDArray[np.float32]
    beside: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.similarities)

    def __getitem__(self, rows: Rows) -> NDArray[np.float32]:
        joined: NDArray[np.float32] = np.concatenate([self.similarities[rows], self.beside[rows]], axis=-1)
        let_go(self.similarities)
        joined[np.isnan(joined)] = ABSENT
        return joined


@dataclass(frozen=True)
class LabelledPairs:
    """Answers: positions among the candidate pairs and whether each is a match."""

    positions: NDArray[np.int64]
    is_match: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.positions)

    def among(self, chosen: NDArray[np.bool_]) -> "LabelledPairs":
        """The answers at which `chosen` is true."""
        return LabelledPairs(self.positions[chosen], self.is_match[chosen])


def features_beside(similarities: Similarities, first: FirstPass, pairs: Pairs, records: int) -> NDArray[np.float32]:
    """Return (pairs, features): what a classifier sees beside the similarities.

    These are the first pass's log-odds, and the pair's standing by whole-record similarity and by first pass.
    """
    logit = np.clip(first.logit, -30, 30).astype(np.float32)
    whole = similarities.of(WHOLE_RECORD)["grams"]
    standing = (neighbour_features(whole, pairs, records), neighbour_features(logit, pairs, records))
    return np.column_stack([logit, *standing])


def feature_names(similarities: Similarities) -> list[tuple[str, str]]:
    """Return (column, measure) of each feature of a `FeatureTable`; what no column owns belongs to column "*"."""
    own = list(zip(similarities.columns, similarities.measures, strict=True))
    standing = [(WHOLE_RECORD, f"{name}_{by}") for by in ("grams", FIRST_PASS) for name in NEIGHBOUR_FEATURES]
    return [*own, (WHOLE_RECORD, FIRST_PASS), *standing]


def train_classifier(
    features: Features, labelled: LabelledPairs, first: FirstPass, seed: int, threads: int
) -> "RandomForestClassifier":
    """Return a forest fitted on the answers and on the first pass's own opinion of a sample of all pairs."""
    from sklearn.ensemble import RandomForestClassifier

    sample = _prior_sample(len(features), seed)
    opinion = first.probability[sample]
    each = PRIOR_PAIRS / max(1, len(sample))
    X = np.concatenate([features[labelled.positions], features[sample], features[sample]])
    y = np.concatenate([labelled.is_match, np.ones(len(sample), bool), np.zeros(len(sample), bool)])
    weight = np.concatenate([np.ones(len(labelled)), each * opinion, each * (1 - opinion)])
    least = LEAST_LEAF / weight.sum()
    forest = RandomForestClassifier(
        TREES, max_features="sqrt", min_weight_fraction_leaf=least, random_state=seed, n_jobs=threads
    )
    return forest.fit(X, y, sample_weight=weight).set_params(n_jobs=1)


def forest_probability(forest: "RandomForestClassifier", features: Features, threads: int = 1) -> NDArray[np.float64]:
    """Return what the forest alone says of each pair: the same bits on any number of threads.

    Threads share out the pairs; each adds up all trees in order, which the forest's own threads would not.  Of
    MANY_PAIRS and more, those that the first FIRST_TREES all but rule out are not shown to the other trees.
    """
    hopeless = HOPELESS if len(features) >= MANY_PAIRS else -1.0
    parts = [slice(start, start + PAIRS_AT_ONCE) for start in range(0, len(features), PAIRS_AT_ONCE)]
    with ThreadPoolExecutor(threads) as pool:
        opinions = pool.map(lambda part: _opinion_of_trees(forest, features[part], hopeless), parts)
        found = list(told(Stage.SCORE, opinions, len(parts)))
    return np.concatenate([np.zeros(0), *found])


def _opinion_of_trees(forest: "RandomForestClassifier", X: NDArray[np.float32], hopeless: float) -> NDArray[np.float64]:
    """Return the mean opinion of all trees, that of FIRST_TREES where it is below `hopeless`."""
    trees = [tree.tree_ for tree in forest.estimators_]
    total = _summed_opinions(trees[:FIRST_TREES], X)
    asked = np.flatnonzero(total / len(trees[:FIRST_TREES]) >= hopeless)
    mean = total / len(trees[:FIRST_TREES])
    mean[asked] = _summed_opinions(trees[FIRST_TREES:], X[asked], total[asked]) / len(trees)
    return mean


def _summed_opinions(
    trees: list[Any], X: NDArray[np.float32], start: NDArray[np.float64] | None = None
) -> NDArray[np.float64]:
    total = np.zeros(len(X)) if start is None else start
    for tree in trees:
        total += tree.value[:, 0, 1][tree.apply(X)]
    return total


def first_pass_share(labelled_pairs: int) -> float:
    """Return how much say the first pass has beside a forest that learned from so many pairs.

    >>> [round(first_pass_share(pairs), 2) for pairs in (10, 400, 1600)]
    [0.2, 0.2, 0.05]
    """
    return min(MOST_SAY, SAY_IN_PAIRS / max(1, labelled_pairs))


def match_probability(by_forest: NDArray[np.float64], first: FirstPass, labelled_pairs: int) -> NDArray[np.float64]:
    """Return the probability that each pair is a match: the forest's, and the first pass's by its share.

    What many pairs say tempers what few answers taught.
    """
    share = first_pass_share(labelled_pairs)
    return (1 - share) * by_forest + share * first.probability


def log_odds(probability: NDArray[np.float64], first: FirstPass) -> NDArray[np.float64]:
    """Return the log-odds of each pair by the forest and, where both doubt it, half of those by the first pass on top.

    A forest cannot tell one chance in a thousand from one in a million; summed over all pairs that matters.
    """
    clipped = np.clip(probability, FLOOR, 1 - FLOOR)
    by_forest = np.log(clipped / (1 - clipped))
    doubt = np.clip(first.logit + 2, -MOST_DOUBT, 0)
    return by_forest + np.where(by_forest < 0, doubt / 2, 0.0)


def _prior_sample(pairs: int, seed: int) -> NDArray[np.int64]:
    generator = np.random.default_rng(seed)
    return np.sort(generator.choice(pairs, size=min(PRIOR_SAMPLE, pairs), replace=False))
