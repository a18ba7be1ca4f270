"""A house with a shop: its rules sell a cup, and its staff have phones."""

import pytest

from tests.clerk.counter import Shop, open_shop
from tests.house import House
from tests.operators.conftest import cheap_hashes

__all__ = ["cheap_hashes"]


@pytest.fixture
async def shop(house: House) -> Shop:
    return await open_shop(house)
