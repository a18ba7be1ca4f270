"""What the simulation's tests share."""

import logging
from collections.abc import AsyncIterator, Iterator

import pytest
import structlog

from models.database import open_database
from tests.simulation.play import Table, open_table


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--deeds",
        default="",
        help="only these deeds of the simulation's plan, as a failure names them: 3,17,42",
    )


@pytest.fixture
def deeds(request: pytest.FixtureRequest) -> list[int]:
    """The deeds asked for on the command line; none: all of the plan's."""
    given: str = request.config.getoption("--deeds", default="") or ""
    return [int(number) for number in given.split(",") if number]


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Thousands of faults are injected; what the engine logs of each would bury the failure."""
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    yield
    structlog.configure(**before)


@pytest.fixture
async def table(migrated_url: str) -> AsyncIterator[Table]:
    """What plans are played on."""
    async with open_database(migrated_url) as pool, open_table(migrated_url, pool) as opened:
        yield opened
