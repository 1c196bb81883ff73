"""How much better than raw rates the measured record of suppliers is, on a generated truth.

5,000 suppliers whose true on-time rates are drawn from Beta(9, 1.2) have few or many orders
(negative binomial, 25 at the mean, many with one or two). Run `python -m bench.tiers`. The
goals: an error at most half of that of the raw rates; a chosen best tenth whose true rate is .97.
`limit` is the best tenth by the posterior of the true population, which no order of these data
beats.
"""

import argparse
import time

import numpy as np

from beltline.science import reliability
from beltline.science.keys import Doubles

SUPPLIERS = 5_000
TRUTH = (9.0, 1.2)
ORDERS_MEAN = 25


def main() -> None:
    """Print a table of each seed, and whether the goals are met over all of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=5)
    seeds = range(parser.parse_args().seeds)
    print(f"{'seed':>4} {'RMSE raw':>9} {'shrunk':>7} {'ratio':>6} | true rate of the best tenth"
          f" {'raw':>6} {'mean':>6} {'bound':>6} {'limit':>6} {'oracle':>7} |"
          f" {'in 90 %':>7} {'fit s':>6}")  # fmt: skip
    rows = np.array([measure(seed) for seed in seeds])
    for seed, row in zip(seeds, rows, strict=True):
        print(_line(str(seed), row))
    print(_line("all", rows.mean(axis=0)))
    error, chosen = rows[:, 1].mean() / rows[:, 0].mean(), rows[:, 4].mean()
    print(f"error {error:.3f} of the raw rates' (goal .5); best tenth {chosen:.4f} (goal .97)")


def measure(seed: int) -> list[float]:
    """RMSE raw and shrunk, their ratio; the best tenth by five orders; coverage; seconds."""
    rng = np.random.default_rng(seed)
    truth = rng.beta(*TRUTH, SUPPLIERS)
    trials = np.maximum(1, rng.negative_binomial(0.6, 0.6 / (0.6 + ORDERS_MEAN), SUPPLIERS))
    good = rng.binomial(trials, truth)
    began = time.perf_counter()
    prior = reliability.fit(good, trials)
    shrunk = reliability.estimate(prior, good, trials)
    seconds = time.perf_counter() - began
    raw = good / trials
    limit = (good + TRUTH[0]) / (trials + sum(TRUTH))
    errors = [float(np.sqrt(np.mean((rate - truth) ** 2))) for rate in (raw, shrunk.mean)]
    covered = float(np.mean((shrunk.low <= truth) & (truth <= shrunk.high)))
    tenths = [_best_tenth(by, truth, rng) for by in (raw, shrunk.mean, shrunk.low, limit, truth)]
    return [*errors, errors[1] / errors[0], *tenths, covered, seconds]


def _best_tenth(by: Doubles, truth: Doubles, rng: np.random.Generator) -> float:
    # Raw rates tie at 1 by the hundred: ties are broken by chance, as a person would.
    order = np.lexsort((rng.random(len(by)), by))
    return float(truth[order[-len(by) // 10 :]].mean())


def _line(name: str, row: Doubles) -> str:
    raw, shrunk, ratio, by_raw, by_mean, by_bound, limit, oracle, covered, seconds = row
    return (f"{name:>4} {raw:>9.3f} {shrunk:>7.3f} {ratio:>6.3f} | {'':>27}"
            f" {by_raw:>6.4f} {by_mean:>6.4f} {by_bound:>6.4f} {limit:>6.4f} {oracle:>7.4f} |"
            f" {covered:>7.3f} {seconds:>6.2f}")  # fmt: skip


if __name__ == "__main__":
    main()
