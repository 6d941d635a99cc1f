from assistant.catalog.database import Database
from tests.assistant.orders.hostile import HostileCaller, hostile_shop

ATTEMPTS = 2_400


def test_a_hostile_model_changes_only_what_customers_confirmed(url: str) -> None:
    database = Database(url)
    database.create_all()
    hostile_shop(database)
    caller = HostileCaller(database, seed=5)
    for _ in range(ATTEMPTS):
        caller.attempt()
    assert caller.tally.wrong == []
    assert caller.differences() == []
    # The attempts bite: many proposals, many confirmed, most attempts refused.
    assert caller.tally.confirmed > ATTEMPTS // 60
    assert caller.tally.refused > ATTEMPTS // 2
    database.dispose()
