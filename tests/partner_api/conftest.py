import pytest

from tests.house import House
from tests.miniapp_api.client import Mini, mini


@pytest.fixture
async def ming(house: House) -> Mini:
    """A member who has just joined, with the newcomer's 100 points."""
    return await mini(house)
