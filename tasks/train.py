"""Learn from all labels: a new model."""

from dataclasses import dataclass

from catalog.database import Catalog
from catalog.transforms import get_transform
from storage.workspace import Workspace
from tasks.model import current_model, require_labels, train_model
from tasks.transform_data import load_transform_data


@dataclass(frozen=True)
class TrainSummary:
    """The new model, and how many labelled pairs of which kind it learned from."""

    model_id: str
    labelled_pairs: int
    matches: int
    non_matches: int
    candidate_pairs: int


def train(workspace: Workspace, name: str, again: bool = True) -> TrainSummary:
    """Train the transform's model on all its labels and keep it; without `again` only where labels or data changed."""
    catalog = Catalog.of(workspace)
    transform = get_transform(catalog, name)
    require_labels(catalog, transform)
    data = load_transform_data(workspace, transform)
    record = (train_model(data) if again else current_model(data)).record
    counts = {key: record.summary[key] for key in ("labelled_pairs", "matches", "non_matches", "candidate_pairs")}
    return TrainSummary(record.model_id, **counts)
