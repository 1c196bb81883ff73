"""What a forecast of each effort is made of, and the lengths of time it looks at."""

import msgspec

from beltline.science.panel import Freq


class Steps(msgspec.Struct, frozen=True):
    """Lengths in periods of one frequency.

    `windows` are the spans of the rolling means, short to long; `season` the cycle of "the same
    weekday", `year` the distance to the same season, `half` the half width of a year-ago mean;
    `history` is all that is looked at, `least_history` what trees need before the first past
    origin. `decays` are those of the fast and the slow level.
    """

    windows: tuple[int, int, int, int, int]
    season: int
    year: int
    half: int
    history: int
    least_history: int
    warm_up: int
    least_level: float
    decays: tuple[float, float]


STEPS = {
    Freq.DAY: Steps(
        windows=(7, 14, 28, 56, 180), season=7, year=364, half=3, history=1096,
        least_history=90, warm_up=200, least_level=0.02,
        decays=(0.93, 0.98),
    ),
    Freq.WEEK: Steps(
        windows=(2, 4, 8, 13, 26), season=1, year=52, half=1, history=261,
        least_history=26, warm_up=56, least_level=0.05,
        decays=(0.75, 0.92),
    ),
}  # fmt: skip


class Member(msgspec.Struct, frozen=True):
    """One Tweedie model of the mean.

    `effects` says whether its offset holds day effects; `years` is how far back its targets go.
    """

    effects: bool
    years: float
    trees: int
    feature_share: float


class SumMember(msgspec.Struct, frozen=True):
    """One model of the mean of large sums; `years` is how far back its targets go."""

    years: float
    trees: int
    rows: int


class Recipe(msgspec.Struct, frozen=True):
    """Members and sample sizes of an effort.

    `pull` is how far (0..1, geometric) means are drawn to the forecast of their group's sum;
    `sums` are the models of that;
    `rows` are sampled for a member, `review_rows` for its like that stops before the windows
    of the past. `seeds` repeats every member, `spread_seeds` the quantile trees: `spread_trees`
    for series and levels of many sums, `sum_trees` for the pool of few.
    """

    name: str
    members: tuple[Member, ...]
    seeds: int
    rows: int
    review_rows: int
    spread_seeds: int
    spread_rows: int
    spread_trees: int
    sum_rows: int
    sum_trees: int
    sums: tuple[SumMember, ...]
    pull: float


FAST = Recipe(
    name="trees-fast",
    members=(
        Member(effects=True, years=1.0, trees=80, feature_share=0.3),
        Member(effects=True, years=1.92, trees=100, feature_share=0.3),
        Member(effects=False, years=1.0, trees=150, feature_share=0.6),
    ),
    seeds=1,
    rows=500_000,
    review_rows=300_000,
    spread_seeds=1,
    spread_rows=300_000,
    spread_trees=60,
    sum_rows=200_000,
    sum_trees=80,
    sums=(
        SumMember(years=1.0, trees=80, rows=120_000),
        SumMember(years=1.92, trees=100, rows=120_000),
    ),
    pull=0.75,
)

HIGH = Recipe(
    name="trees-high",
    members=(
        Member(effects=True, years=1.0, trees=80, feature_share=0.3),
        Member(effects=True, years=1.92, trees=100, feature_share=0.3),
        Member(effects=False, years=1.0, trees=150, feature_share=0.6),
        Member(effects=True, years=1.0, trees=60, feature_share=0.6),
        Member(effects=True, years=1.92, trees=150, feature_share=0.6),
        Member(effects=False, years=1.92, trees=150, feature_share=0.6),
    ),
    seeds=3,
    rows=1_000_000,
    review_rows=500_000,
    spread_seeds=2,
    spread_rows=800_000,
    spread_trees=60,
    sum_rows=500_000,
    sum_trees=80,
    sums=(
        SumMember(years=1.0, trees=80, rows=200_000),
        SumMember(years=1.92, trees=100, rows=200_000),
        SumMember(years=2.4, trees=120, rows=200_000),
    ),
    pull=0.75,
)
