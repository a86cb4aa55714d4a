"""A classifier as a file: skops, never pickle, and nothing in it is used before its numbers were checked."""

from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile

from errors import InvalidInputError
from storage.publish import publishing

if TYPE_CHECKING:
    from sklearn.ensemble import RandomForestClassifier

# The trees' own storage; skops does not trust it because its numbers are used as addresses, hence `_check_trees`.
TREES = ["sklearn.tree._tree.Tree"]


def save_classifier(path: Path, forest: "RandomForestClassifier") -> None:
    """Write the classifier; a reader sees all of it or nothing."""
    from skops.io import dump

    path.parent.mkdir(parents=True, exist_ok=True)
    with publishing(str(path)) as temporary:
        dump(forest, temporary)


def load_classifier(path: Path) -> "RandomForestClassifier":
    """Return what `save_classifier` wrote; a file that was tampered with is refused."""
    from skops.io import load
    from skops.io.exceptions import UntrustedTypesFoundException

    try:
        forest = load(path, trusted=TREES)
    except (UntrustedTypesFoundException, BadZipFile, KeyError, TypeError, ValueError) as error:
        raise _refused(path) from error
    _check_trees(forest, path)
    return forest


def _check_trees(forest: "RandomForestClassifier", path: Path) -> None:
    from sklearn.ensemble import RandomForestClassifier

    if not isinstance(forest, RandomForestClassifier):
        raise _refused(path)
    if not all(_is_sound(estimator.tree_, forest.n_features_in_) for estimator in forest.estimators_):
        raise _refused(path)


def _is_sound(tree: Any, features: int) -> bool:
    """Every node is a leaf, or asks about a feature there is and has two children that come after it (no circles)."""
    import numpy as np

    count = tree.node_count
    if not 0 < count <= tree.capacity:
        return False
    left, right, node = tree.children_left, tree.children_right, np.arange(count)
    leaf = (left == -1) & (right == -1)
    children_fit = (node < left) & (left < count) & (node < right) & (right < count)
    feature_fits = (tree.feature >= 0) & (tree.feature < features)
    return bool((leaf | (children_fit & feature_fits)).all())


def _refused(path: Path) -> InvalidInputError:
    return InvalidInputError(f"Model '{path}' holds what no model of findmatches holds; it was not used. Train again.")
