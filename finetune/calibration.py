"""Makes a classifier's confidence mean what it says, and finds when to ask instead of act."""

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize_scalar

from assistant.dialogue.classifier import Floats, softmax

Labels = npt.NDArray[np.int64]
Booleans = npt.NDArray[np.bool_]

_BINS = 15


def fit_temperature(logits: Floats, gold: Labels) -> float:
    """Return the divisor of the logits under which the gold labels are likeliest."""

    def loss(log_temperature: float) -> float:
        likelihood = softmax(logits / np.exp(log_temperature))[np.arange(len(gold)), gold]
        return float(-np.log(likelihood + 1e-12).mean())

    found = minimize_scalar(loss, bounds=(-3.0, 3.0), method="bounded")
    return float(np.exp(found.x))


def fit_threshold(confidence: Floats, right: Booleans, cost_of_asking: float) -> float:
    """Return the confidence below which asking back costs less than acting.

    Acting wrongly costs 1 and asking `cost_of_asking`, whatever the best reading was.
    """
    candidates = np.arange(0.0, 0.91, 0.01)
    costs = [
        np.where(confidence < candidate, cost_of_asking, ~right).mean() for candidate in candidates
    ]
    return float(candidates[int(np.argmin(costs))])


def calibration_error(confidence: Floats, right: Booleans) -> float:
    """Return the mean distance between confidence and accuracy over equal-width bins."""
    bins = np.minimum((confidence * _BINS).astype(int), _BINS - 1)
    gaps = [
        abs(float(confidence[bins == at].mean() - right[bins == at].mean())) * (bins == at).mean()
        for at in np.unique(bins)
    ]
    return float(sum(gaps))
