"""Forget a transform: what the catalog knows of it, and what its runs left in the workspace."""

from catalog.database import Catalog
from catalog.transforms import Transform, delete_transform
from storage.workspace import Workspace
from tasks.id_history import IdHistory
from tasks.kept_comparisons import KeptComparisons


def forget_transform(workspace: Workspace, name: str) -> Transform:
    """Forget the transform with this name or id, and return what it was."""
    gone = delete_transform(Catalog.of(workspace), name)
    IdHistory(workspace, gone.transform_id).forget()
    KeptComparisons(workspace, gone.transform_id).forget()
    return gone
