"""Scoring timed beside its floor, over the candidate pairs of a trained transform of the workspace.

    python -m benchmarks.kernel TRANSFORM

The floor is rapidfuzz's bare kernel: Jaro-Winkler of the two raw texts of each compared column of each pair, and
nothing else.  findmatches gives each pair all of its similarities and asks the model about it.
"""

import argparse
import json
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import process
from rapidfuzz.distance import JaroWinkler

from benchmarks.speed_results import Scoring
from catalog.database import Catalog
from catalog.transforms import get_transform
from matching.learn import FeatureTable, forest_probability
from matching.pairs import Pairs
from storage.workspace import Workspace
from tasks.model import TrainedModel, current_model
from tasks.transform_data import TransformData, load_transform_data

MOST_PAIRS = 2_000_000
PAIRS_AT_ONCE = 500_000

T = TypeVar("T")


def main() -> None:
    """Print the seconds as JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("transform")
    workspace = Workspace.from_environment()
    data = load_transform_data(workspace, get_transform(Catalog.of(workspace), parser.parse_args().transform))
    print(json.dumps(vars(timed(data, current_model(data)))))


def timed(data: TransformData, model: TrainedModel) -> Scoring:
    """Time both over the same pairs: all that the model speaks of, or MOST_PAIRS drawn evenly from them."""
    chosen = drawn(len(model.compared.pairs), MOST_PAIRS)
    pairs = Pairs(model.compared.pairs.left[chosen], model.compared.pairs.right[chosen])
    texts = [np.array(data.records[name].to_pylist(), dtype=object) for name in data.task.columns]
    threads = data.task.threads
    comparer, prepare_seconds = clocked(lambda: data.prepared.comparer)
    similarities, compare_seconds = clocked(lambda: comparer.compare(pairs))
    features = FeatureTable(similarities.values, model.compared.features.beside[chosen])
    _, model_seconds = clocked(lambda: forest_probability(model.forest, features, threads))
    return Scoring(
        pairs=len(pairs),
        kernel_numbers=len(texts),
        kernel_seconds=kernel_seconds(texts, pairs, threads),
        similarities=len(similarities.measures),
        prepare_seconds=prepare_seconds,
        compare_seconds=compare_seconds,
        model_seconds=model_seconds,
    )


def drawn(pairs: int, most: int) -> NDArray[np.int64]:
    """Return the positions of at most so many pairs, evenly spaced.

    >>> drawn(10, most=4).tolist(), drawn(2, most=4).tolist()
    ([0, 2, 5, 7], [0, 1])
    """
    wanted = min(pairs, most)
    return np.arange(wanted, dtype=np.int64) * pairs // max(1, wanted)


def kernel_seconds(texts: Sequence[NDArray[Any]], pairs: Pairs, threads: int) -> float:
    """Return the seconds that the kernel alone takes: lists of texts, None where there is none, are made beforehand."""
    seconds = 0.0
    for column in texts:
        for start in range(0, len(pairs), PAIRS_AT_ONCE):
            part = slice(start, start + PAIRS_AT_ONCE)
            left, right = column[pairs.left[part]].tolist(), column[pairs.right[part]].tolist()
            seconds += clocked(partial(_kernel, left, right, threads))[1]
    return seconds


def clocked(work: Callable[[], T]) -> tuple[T, float]:
    """Return what a function returns, and the seconds that it took."""
    start = time.perf_counter()
    found = work()
    return found, time.perf_counter() - start


def _kernel(left: list[str | None], right: list[str | None], threads: int) -> None:
    process.cpdist(left, right, scorer=JaroWinkler.similarity, workers=threads, dtype=np.float32)


if __name__ == "__main__":
    main()
