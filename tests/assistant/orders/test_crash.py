import pytest

from assistant.catalog.database import Database
from tests.assistant.orders.crash import Crashes
from tests.assistant.orders.hostile import hostile_shop

DEATHS = 200


@pytest.mark.timeout(900)
def test_kill_9_in_any_write_loses_doubles_and_halves_nothing(url: str) -> None:
    database = Database(url)
    database.create_all()
    hostile_shop(database, orders_each=DEATHS)
    database.dispose()
    crashes = Crashes(url, seed=9)
    for number in range(DEATHS):
        crashes.kill_one(number)
    assert crashes.deaths.wrong == []
    assert crashes.deaths.all == DEATHS
    # They died on both sides of the commit.
    assert min(crashes.deaths.before, crashes.deaths.after + crashes.deaths.answered) > DEATHS // 10
