"""Change how careful and how thorough a labelled transform is; its labels and its model stay."""

from catalog.database import Catalog
from catalog.transforms import Transform, get_transform, update_transform
from errors import InvalidInputError
from storage.workspace import Workspace
from tasks.model import require_labels


def set_tradeoffs(
    workspace: Workspace, name: str, precision_recall_tradeoff: float | None, accuracy_cost_tradeoff: float | None
) -> Transform:
    """Return the transform with the trade-offs, 0 … 1, that are given; the other one stays."""
    catalog = Catalog.of(workspace)
    require_labels(catalog, get_transform(catalog, name))
    if precision_recall_tradeoff is None and accuracy_cost_tradeoff is None:
        raise InvalidInputError(
            "There is nothing to tune. Give a precision-recall trade-off, an accuracy-cost trade-off, or both, 0 to 1."
        )
    return update_transform(
        catalog,
        name,
        precision_recall_tradeoff=precision_recall_tradeoff,
        accuracy_cost_tradeoff=accuracy_cost_tradeoff,
    )
