import numpy as np
import pytest

from assistant.recommend.ranking.calibration import fit_curve


def test_calibrated_chances_come_true() -> None:
    rng = np.random.default_rng(0)
    truth = rng.random(20_000).astype(np.float32) ** 3
    outcome = (rng.random(20_000) < truth).astype(np.float32)
    scores = np.sqrt(truth)
    curve = fit_curve(scores, outcome, np.ones(20_000, np.float32))
    assert float(np.abs(curve(scores) - truth).mean()) < 0.02


def test_higher_scores_never_get_lower_chances() -> None:
    rng = np.random.default_rng(1)
    scores = rng.random(3_000).astype(np.float32)
    outcome = (rng.random(3_000) < 0.3).astype(np.float32)
    curve = fit_curve(scores, outcome, np.ones(3_000, np.float32))
    mapped = curve(np.linspace(0, 1, 500).astype(np.float32))
    assert (np.diff(mapped) >= 0).all()


def test_rows_that_stand_for_many_count_as_many() -> None:
    scores = np.full(200, 0.5, np.float32)
    outcome = np.array([1.0] * 100 + [0.0] * 100, np.float32)
    weight = np.array([1.0] * 100 + [9.0] * 100, np.float32)
    curve = fit_curve(scores, outcome, weight)
    assert curve.base == pytest.approx(0.1)
    assert float(curve(np.array([0.5], np.float32))[0]) == pytest.approx(0.1, abs=1e-3)


def test_few_positives_only_scale_the_scores() -> None:
    scores = np.array([0.2, 0.4, 0.6, 0.8], np.float32)
    curve = fit_curve(scores, np.array([0, 0, 0, 1], np.float32), np.ones(4, np.float32))
    assert curve(scores).mean() == pytest.approx(0.25)
