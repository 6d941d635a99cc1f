"""The fitted floor and the queries it was fitted on."""

import csv
from importlib.resources import files

from assistant.retrieval.relevance import Evidence, RelevanceModel

SAID = Evidence(1, 1, 1, 1, 1, 1, 0, 0, 1, 0)
NOT_SAID = Evidence(0, 0.3, 0, 0, 0, 0, 1, 1, 0, 0)


def test_a_name_said_in_full_is_carried_and_an_unknown_word_is_not() -> None:
    model = RelevanceModel.load()

    assert model.probability(SAID) > 0.95
    assert model.probability(NOT_SAID) < 0.05


def test_it_was_fitted_on_enough_of_both_kinds() -> None:
    path = files("assistant.retrieval") / "calibration" / "queries.csv"
    rows = list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))

    assert sum(row["carried"] == "1" for row in rows) >= 150
    assert sum(row["carried"] == "0" for row in rows) >= 150
    assert len({row["query"] for row in rows}) == len(rows)
