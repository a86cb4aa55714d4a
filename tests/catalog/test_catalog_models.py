"""The records of trained models."""

from typing import Any

import pytest

from catalog.database import Catalog
from catalog.models import ModelRecord, latest_model, new_model_id, store_model
from catalog.tables import Column, Table
from catalog.transforms import FindMatchesParameters, create_transform
from errors import EntityNotFoundError


@pytest.fixture
def transform_id(catalog: Catalog) -> str:
    """A transform without a model."""
    table = Table("default", "t", "/t.csv", "csv", (Column("id", "string", "id"),), {}, ("/t.csv",))
    return create_transform(catalog, name="t", table=table, parameters=FindMatchesParameters("id")).transform_id


def store(catalog: Catalog, transform_id: str, model_id: str, **summary: Any) -> ModelRecord:
    return store_model(
        catalog,
        model_id=model_id,
        transform_id=transform_id,
        location=f"models/{model_id}",
        label_fingerprint="f",
        summary=summary,
    )


def test_a_transform_without_a_model_has_no_latest(catalog: Catalog, transform_id: str) -> None:
    assert latest_model(catalog, transform_id) is None


def test_the_model_stored_last_is_the_latest(catalog: Catalog, transform_id: str) -> None:
    store(catalog, transform_id, "mdl-b")
    assert store(catalog, transform_id, "mdl-a", pairs=3) == latest_model(catalog, transform_id)


def test_a_model_stored_again_replaces_itself_and_is_the_latest(catalog: Catalog, transform_id: str) -> None:
    store(catalog, transform_id, "mdl-a", pairs=1)
    store(catalog, transform_id, "mdl-b", pairs=2)
    again = store(catalog, transform_id, "mdl-a", pairs=3)
    assert latest_model(catalog, transform_id) == again
    assert again.summary == {"pairs": 3}


def test_a_model_of_no_transform_is_refused(catalog: Catalog) -> None:
    with pytest.raises(EntityNotFoundError, match="tfm-none"):
        store(catalog, "tfm-none", "mdl-a")


def test_ids_of_models_differ() -> None:
    assert len({new_model_id() for _ in range(100)}) == 100
