import pytest

from tests.bot.line import Line
from tests.house import House


@pytest.fixture
def line(house: House) -> Line:
    return Line(house)
