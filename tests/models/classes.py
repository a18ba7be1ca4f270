"""The classes of the models, as the database is opened with them."""

from collections.abc import Iterator
from importlib import import_module

from tortoise.models import Model

from models.database import MODELS


def model_classes() -> Iterator[type[Model]]:
    """Every table's class."""
    for module in MODELS:
        for found in vars(import_module(module)).values():
            if isinstance(found, type) and issubclass(found, Model) and found is not Model:
                yield found
