import numpy as np

from assistant.recommend.ranking.columns import codes, find, pair_keys


def test_codes_number_labels_alphabetically() -> None:
    numbers, labels = codes(["b", "a", "b"])
    assert numbers.tolist() == [1, 0, 1]
    assert labels == ("a", "b")


def test_found_keys_are_located_and_others_are_not() -> None:
    keys = pair_keys(np.array([0, 1, 2]), np.array([3, 1, 0]), 10)
    assert keys.tolist() == [3, 11, 20]
    assert find(keys, np.array([11, 12, 20, 99])).tolist() == [1, -1, 2, -1]


def test_nothing_is_found_among_no_keys() -> None:
    assert find(np.empty(0, np.int64), np.array([1])).tolist() == [-1]
