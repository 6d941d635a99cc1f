import numpy as np

from assistant.recommend.ranking.data import RankingData
from assistant.recommend.ranking.labels import labels_of
from assistant.recommend.ranking.lists import lists_of
from assistant.recommend.ranking.network import OBJECTIVES
from assistant.recommend.scenarios import Objective, Scenario
from tests.assistant.recommend.ranking.toy import after


def test_objectives_ask_only_where_they_can_come_true(toy: RankingData) -> None:
    lists = lists_of(toy.scene(after(98)), [Scenario.REPLENISH], 0)[Scenario.REPLENISH]
    labels, eligible = labels_of(lists, slice(None))
    by = {objective: at for at, objective in enumerate(OBJECTIVES)}
    own = toy.items.own_label[lists.item]
    assert (eligible[:, by[Objective.PRIVATE_LABEL]] == own).all()
    assert (eligible[:, by[Objective.DISCOVERY]] == lists.new_category).all()
    assert not labels[~eligible].any()
    assert (labels[:, by[Objective.PRIVATE_LABEL]] == (lists.bought & own)).all()
    # In the toy store every fourth product is always bought on promotion.
    discounted = labels[:, by[Objective.DISCOUNT]] > 0
    assert (discounted == (lists.bought & (lists.item % 4 == 0))).all()


def test_a_category_is_new_until_something_of_it_was_bought(toy: RankingData) -> None:
    scene = toy.scene(after(98))
    lists = lists_of(scene, [Scenario.REPLENISH], 0)[Scenario.REPLENISH]
    before = scene.cut.before
    rows = slice(int(lists.starts[0]), int(lists.starts[1]))
    bought = before.item[before.shopper == lists.shopper[0]]
    known = set(toy.items.category[bought].tolist())
    expected = [category not in known for category in lists.category[rows].tolist()]
    assert lists.new_category[rows].tolist() == expected
    assert np.array(expected).any() or len(known) == len(toy.items.categories)
