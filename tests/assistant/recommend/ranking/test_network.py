import numpy as np
import torch

from assistant.recommend.ranking.data import RankingData
from assistant.recommend.ranking.lists import lists_of
from assistant.recommend.ranking.network import OBJECTIVES, SCENARIOS, Shape, forward
from assistant.recommend.ranking.pairs import COLUMNS, RECENCY
from assistant.recommend.ranking.training import RankingNetwork, Recipe, batch_of, weights_of
from assistant.recommend.scenarios import Scenario
from tests.assistant.recommend.ranking.toy import after


def _network(categories: int) -> RankingNetwork:
    shape = Shape(categories=categories, shopper=4)
    ones = np.ones(len(COLUMNS), np.float32)
    network = RankingNetwork(shape, 0 * ones, 2 * ones, Recipe())
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.add_(0.05 * torch.randn(parameter.shape, generator=generator))
    return network


def test_what_is_served_equals_what_was_fitted(toy: RankingData) -> None:
    lists = lists_of(toy.scene(after(98)), [Scenario.CART], 0)[Scenario.CART]
    network = _network(len(toy.items.categories) + 1)
    vectors = np.random.default_rng(0).standard_normal((80, 4)).astype(np.float32)
    rows = slice(int(lists.starts[0]), int(lists.starts[1]))
    columns, category = lists.columns[rows].astype(np.float32), lists.category[rows]
    for given in (None, vectors):
        batch = batch_of(Scenario.CART, lists, np.array([0]), given)
        logits, spend = network(batch)
        shopper = None if given is None else given[lists.shopper[0]]
        served, served_spend = forward(
            weights_of(network), columns, category, Scenario.CART, shopper
        )
        assert np.allclose(logits.detach().numpy(), served, atol=1e-4)
        assert np.allclose(spend.detach().numpy(), served_spend, atol=1e-4)


def test_before_any_learning_the_order_is_that_of_personal_recency() -> None:
    zero = np.zeros(len(COLUMNS), np.float32)
    network = RankingNetwork(Shape(categories=3), zero, zero + np.inf, Recipe())
    columns = np.zeros((4, len(COLUMNS)), np.float32)
    columns[:, RECENCY] = [0.1, 0.7, -2.0, 0.3]
    one_category = np.zeros(4, np.int32)
    logits, _ = forward(weights_of(network), columns, one_category, Scenario.REPLENISH, None)
    assert np.argsort(-logits[:, 0]).tolist() == [1, 3, 0, 2]


def test_every_scenario_and_objective_has_its_own_output() -> None:
    network = _network(3)
    columns = np.ones((1, len(COLUMNS)), np.float32)
    outputs = [
        forward(weights_of(network), columns, np.zeros(1, np.int32), scenario, None)[0][0]
        for scenario in SCENARIOS
    ]
    assert np.unique(np.round(outputs, 6)).size == len(SCENARIOS) * len(OBJECTIVES)
