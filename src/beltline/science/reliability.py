"""How reliable somebody is, from a few good and bad outcomes: shrunk rates with their intervals.

A supplier with three orders, all on time, is not perfect, and one with a single late order is not
hopeless. Each rate is drawn from a Beta distribution of the whole population that is fitted to
everybody's outcomes (parametric empirical Bayes: Robbins 1956; the beta-binomial as in Casella
1985), and an estimate is the posterior given the supplier's own outcomes. Outcomes may be shares
(48 of 50 units good count .96 of one outcome); then the likelihood is a quasi-likelihood, and the
interval errs to the wide side.
"""

from typing import Final

import msgspec
import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import minimize
from scipy.special import betaincinv, betaln, digamma

from beltline.science.keys import Doubles

STRENGTH_DEFAULT: Final = 10.0
"""How many outcomes the population is worth to somebody unknown, before anybody's are known."""

_SPREAD: Final = 1.5
"""Standard deviation of log strength and logit mean before data: wide, so that data soon rule."""

TRIALS_MAX: Final = 1_000


class Prior(msgspec.Struct, frozen=True):
    """The population a rate is drawn from: Beta with this mean, worth `strength` outcomes."""

    mean: float
    strength: float

    @property
    def alpha(self) -> float:
        """Good outcomes that the population is worth."""
        return self.mean * self.strength

    @property
    def beta(self) -> float:
        """Bad outcomes that the population is worth."""
        return (1.0 - self.mean) * self.strength


class Estimate(msgspec.Struct, frozen=True, eq=False):
    """One rate for each subject: its posterior mean and the bounds of its interval."""

    mean: Doubles
    low: Doubles
    high: Doubles


def fit(good: ArrayLike, trials: ArrayLike, *, expected: float = 0.9) -> Prior:
    """The population behind outcomes: `good` (a sum of shares) of `trials`, one each a subject.

    By maximum likelihood with a weak pull towards `expected` and ten outcomes, which is what is
    left when there are no data. Raises ValueError when good is not within 0 and trials.
    """
    g, n = _checked(good, trials)
    center = np.array([np.log(expected / (1 - expected)), np.log(STRENGTH_DEFAULT)])
    # Many subjects share the same few outcomes: each pair is looked at once.
    pairs, counts = np.unique(np.column_stack([g, n])[n > 0], axis=0, return_counts=True)
    if not len(pairs):
        return Prior(expected, STRENGTH_DEFAULT)
    found = minimize(
        _loss, center, args=(pairs[:, 0], pairs[:, 1], counts, center), jac=True,
        method="L-BFGS-B", bounds=[(-9.0, 9.0), (np.log(0.5), np.log(1e4))],
    )  # fmt: skip
    mean, strength = 1 / (1 + np.exp(-found.x[0])), np.exp(found.x[1])
    return Prior(float(mean), float(strength))


def estimate(
    prior: Prior, good: ArrayLike, trials: ArrayLike, *, confidence: float = 0.9
) -> Estimate:
    """Each subject's rate given the population and its own outcomes.

    The interval holds `confidence` of the posterior, as much left out below as above.
    """
    g, n = _checked(good, trials)
    a, b = prior.alpha + g, prior.beta + n - g
    tail = (1 - confidence) / 2
    return Estimate(a / (a + b), betaincinv(a, b, tail), betaincinv(a, b, 1 - tail))


def trials_to_reach(
    prior: Prior, good: ArrayLike, trials: ArrayLike, *, bound: float, confidence: float = 0.9
) -> Doubles:
    """How many good outcomes in a row lift each lower bound to `bound`; nan above 1,000."""
    g, n = _checked(good, trials)
    tail = (1 - confidence) / 2
    a, b = prior.alpha + g, prior.beta + n - g
    few, many = np.zeros(len(g)), np.full(len(g), float(TRIALS_MAX + 1))
    # The lower bound only rises with good outcomes, so halving finds the first that is enough.
    while np.any(few < many):
        middle = np.floor((few + many) / 2)
        enough = betaincinv(a + middle, b, tail) >= bound
        many = np.where(enough & (few < many), middle, many)
        few = np.where(~enough & (few < many), middle + 1, few)
    return np.where(many > TRIALS_MAX, np.nan, many)


def _checked(good: ArrayLike, trials: ArrayLike) -> tuple[Doubles, Doubles]:
    g, n = np.asarray(good, float), np.asarray(trials, float)
    if g.shape != n.shape or not np.all((g >= 0) & (g <= n)):
        raise ValueError("each subject has 0 to `trials` good outcomes")
    return g, n


def _loss(
    at: Doubles, good: Doubles, trials: Doubles, counts: Doubles, center: Doubles
) -> tuple[float, Doubles]:
    """Negative log-likelihood with the pull to the center, and its gradient."""
    mean, strength = 1 / (1 + np.exp(-at[0])), np.exp(at[1])
    a, b = mean * strength, (1 - mean) * strength
    bad = trials - good
    loss = -counts @ (betaln(good + a, bad + b) - betaln(a, b))
    both = digamma(trials + a + b) - digamma(a + b)
    by_a = -counts @ (digamma(good + a) - digamma(a) - both)
    by_b = -counts @ (digamma(bad + b) - digamma(b) - both)
    slope = np.array([(by_a - by_b) * mean * (1 - mean) * strength, by_a * a + by_b * b])
    pull = (at - center) / _SPREAD
    return float(loss + 0.5 * pull @ pull), slope + pull / _SPREAD
