"""Cartonization: orders a second, and the cost beside the exact optimum on small orders.

Run it as `python bench/boxes.py [--orders 20000] [--seed 1]`; one process, one core.
"""

import argparse
import random
import statistics
import time

from beltline.science.boxes import Box, Item, Rate, pack, pack_exactly

BOXES = (
    Box("S", 200, 150, 100, 90, 5_000), Box("M", 300, 250, 200, 220, 10_000),
    Box("L", 400, 300, 300, 420, 20_000), Box("XL", 600, 400, 400, 800, 30_000),
)  # fmt: skip
RATES = (
    Rate(5_000, 500, 500, 4_500, 1_500, 30_000),
    Rate(6_000, 1, 50, 8_000, 1_800, 30_000),
)


def draw_order(chance: random.Random, pieces: int) -> list[Item]:
    """An order of small goods: 50 g to 3 kg, 5 to 30 cm, one in ten fragile."""
    return [
        Item(
            f"P{n}", chance.randint(50, 3_000), chance.randint(50, 300), chance.randint(40, 220),
            chance.randint(20, 180), chance.random() < 0.1,
        )
        for n in range(pieces)
    ]  # fmt: skip


def measure_speed(orders: int, seed: int) -> tuple[float, float]:
    """Orders a second, and the mean of pieces an order (1 to 8, most have few)."""
    chance = random.Random(seed)
    drawn = [
        (draw_order(chance, min(1 + int(chance.expovariate(0.6)), 8)), chance.choice(RATES))
        for _ in range(orders)
    ]
    started = time.perf_counter()
    for items, rate in drawn:
        pack(items, BOXES, rate)
    spent_s = time.perf_counter() - started
    return orders / spent_s, statistics.mean(len(items) for items, _ in drawn)


def measure_gap(cases: int, seed: int) -> tuple[float, float]:
    """The mean and the largest excess over the exact optimum, on orders of 2 to 7 pieces."""
    chance = random.Random(seed)
    gaps = []
    for _ in range(cases):
        items, rate = draw_order(chance, chance.randint(2, 7)), chance.choice(RATES)
        found = sum(p.cost for p in pack(items, BOXES, rate))
        least = sum(p.cost for p in pack_exactly(items, BOXES, rate))
        gaps.append(found / least - 1)
    return statistics.mean(gaps), max(gaps)


def main() -> None:
    """Print one row a measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=20_000)
    parser.add_argument("--cases", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    rate, pieces = measure_speed(chosen.orders, chosen.seed)
    print(f"boxes: {rate:,.0f} orders/s of {pieces:.2f} pieces (goal 5,000)")
    mean, worst = measure_gap(chosen.cases, chosen.seed)
    print(f"boxes: {mean:.2%} over the exact optimum in the mean, {worst:.2%} at most (goal 5 %)")


if __name__ == "__main__":
    main()
