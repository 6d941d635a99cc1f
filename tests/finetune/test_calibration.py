import numpy as np
import pytest

from finetune.calibration import calibration_error, fit_temperature, fit_threshold


def test_scores_that_are_too_sure_get_a_temperature_above_one() -> None:
    # Right three times in four, but scored as if right 99.99 times in a hundred.
    logits = np.array([[9.2, 0.0]] * 4, dtype=np.float32)
    gold = np.array([0, 0, 0, 1])
    temperature = fit_temperature(logits, gold)
    assert temperature == pytest.approx(9.2 / np.log(3), rel=0.01)


def test_the_threshold_separates_guesses_from_knowledge() -> None:
    confidence = np.array([0.2, 0.25, 0.3, 0.8, 0.9, 0.95], dtype=np.float32)
    right = np.array([False, False, False, True, True, True])
    threshold = fit_threshold(confidence, right, cost_of_asking=0.5)
    assert 0.3 < threshold <= 0.8


def test_where_every_answer_is_right_nothing_is_asked_back() -> None:
    confidence = np.array([0.2, 0.9], dtype=np.float32)
    assert fit_threshold(confidence, np.array([True, True]), cost_of_asking=0.5) <= 0.2


def test_calibration_error_is_the_gap_between_confidence_and_accuracy() -> None:
    confidence = np.array([0.95, 0.95, 0.5, 0.5], dtype=np.float32)
    right = np.array([True, True, True, False])
    # Gaps of .05 and 0, each over half of the examples.
    assert calibration_error(confidence, right) == pytest.approx(0.025, abs=1e-6)
