"""Fit a linear head by logistic regression: numpy alone, the same weights for the same texts."""

from typing import Any, Final

import numpy as np

Array = Any
"""An array of numpy: it is no part of what is type-checked."""
ROUNDS: Final = 15
CLOSE: Final = 1e-3
"""The largest change of a weight at which the fit has come to its end."""


def fit(vectors: Array, targets: Array, importance: Array, penalty: float) -> Array:
    """Return the weights, with the bias last, that make the targets (0 or 1) likeliest.

    By Newton's steps, each row counted by its importance; `penalty` times half the squared weights is added to the
    loss, the bias apart.
    """
    rows = np.hstack([vectors, np.ones((len(vectors), 1), vectors.dtype)])
    weights = np.zeros(rows.shape[1])
    ridge = np.full(rows.shape[1], penalty)
    ridge[-1] = 1e-6
    for _ in range(ROUNDS):
        chances = 1 / (1 + np.exp(-(rows @ weights.astype(rows.dtype)).astype(np.float64)))
        slope = rows.T @ (importance * (chances - targets)).astype(rows.dtype) + ridge * weights
        spread = (importance * chances * (1 - chances)).astype(rows.dtype)
        curve = ((rows * spread[:, None]).T @ rows).astype(np.float64) + np.diag(ridge)
        step = np.linalg.solve(curve, slope)
        weights -= step
        if np.abs(step).max() < CLOSE:
            break
    return weights


def scores(weights: Array, vectors: Array) -> Array:
    """Return the score of each vector."""
    return vectors @ weights[:-1] + weights[-1]
