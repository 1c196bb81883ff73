"""The engine: fit all models of a panel, and forecast any series with them."""

from datetime import date

import msgspec
import numpy as np

from beltline.science.boost.layout import Layout, lay_out
from beltline.science.boost.pool import SumForecast, pooled_sums, pull_factors
from beltline.science.boost.recipe import STEPS, Recipe
from beltline.science.boost.spread import (
    PastRatios,
    fit_past_ratios,
    mixed_quantiles,
    past_quantiles,
    rank_scores,
    variation,
    window_vectors,
)
from beltline.science.boost.sums import Windows, own_levels, weights_of
from beltline.science.boost.trees import (
    averaged,
    fit_member,
    fit_quantiles,
    predict_means,
    predict_quantiles,
    sample_rows,
)
from beltline.science.boost.view import (
    Prices,
    Sums,
    View,
    build_view,
    offset_of,
    prepare_prices,
    recent,
    shut_ahead,
    silent_dates,
)
from beltline.science.effects import Effects, fit_effects, group_names
from beltline.science.floor import levels_at
from beltline.science.groups import Group
from beltline.science.keys import Doubles, Floats, Ints
from beltline.science.panel import Panel
from beltline.science.residuals import Residuals, pool_residuals

LEAST_CELLS = 80_000
LEAST_SERIES = 30
MOST_WINDOWS = 6
REVIEW_SEED, SEED_STEP = 100, 1009


class Fitted(msgspec.Struct, frozen=True, eq=False):
    """One member of the mean: its model as text and whether its offset holds day effects."""

    effects: bool
    model: str


class Boosted(msgspec.Struct, frozen=True, eq=False):
    """Everything the trees need to forecast a series; day effects lie beside it.

    `with_effects` and `plain` are the latest sums of groups and peers of the panel that was
    learned from, `pull` (groups x H) the factor that draws means to the medians of their group,
    `ranks` the normal scores of past ratio vectors, in the rows of the model's residual pools.
    """

    trained_until: date
    layout: Layout
    silent: tuple[date, ...]
    members: tuple[Fitted, ...]
    quantiles: tuple[tuple[str, ...], ...]
    with_effects: tuple[Sums, ...]
    plain: tuple[Sums, ...]
    past: PastRatios
    pull: Doubles
    ranks: Floats


class Review(msgspec.Struct, frozen=True, eq=False):
    """By-products of a fit, in the order of `panel`, from which sums are forecast.

    `panel` is the recent history that was learned from.
    """

    panel: Panel
    windows: Windows
    pool: tuple[SumForecast, ...]
    pool_by: str
    recipe: Recipe


class Answer(msgspec.Struct, frozen=True, eq=False):
    """Means before and after the pull (N x H) and quantiles at `LEVELS` (N x 9 x H)."""

    plain: Floats
    mean: Floats
    quantiles: Floats


def too_small(panel: Panel, horizon: int) -> str:
    """Why trees cannot learn from a panel, or empty text where they can."""
    steps = STEPS[panel.freq]
    if panel.size < LEAST_SERIES:
        return "FEW_SERIES"
    if horizon > steps.year - steps.half or horizon > 2 * steps.windows[4]:
        return "LONG_HORIZON"
    if panel.length - 3 * horizon < steps.least_history:
        return "SHORT_HISTORY"
    if int(np.isfinite(panel.demand()).sum()) < LEAST_CELLS:
        return "FEW_CELLS"
    return ""


def fit_boosted(
    panel: Panel, *, horizon: int, seed: int, recipe: Recipe, group_by: tuple[str, ...] | None
) -> tuple[Boosted, Effects, Residuals, Review, Answer]:
    """Fit all models on a panel in any order of series: the numbers do not depend on it."""
    order = panel.unique_ids.arg_sort().to_numpy().astype(np.intp)
    panel = panel if (np.diff(order) == 1).all() else panel.take(order)
    silent = silent_dates(panel)
    panel = recent(panel, silent)
    effects = fit_effects(panel, group_by=group_by)
    layout = lay_out(panel, effects.group_by)
    prices = prepare_prices(panel, horizon)
    origins = _origins(panel, horizon)
    members, windows, means, context = _members(
        panel, layout, effects, prices, origins, horizon, seed, recipe
    )
    view = build_view(panel, layout, effects, horizon, prices)
    quantiles = _item_quantiles(panel, layout, view, horizon, seed, recipe)
    trees = predict_quantiles(
        list(quantiles), view, origin=panel.length - 1, horizon=horizon
    )  # fmt: skip
    del view
    residuals, past = _past(panel, effects, windows)
    pool = pooled_sums(
        panel, own_levels(panel), pool_by=effects.pool_by, horizon=horizon, recipe=recipe,
        seed=seed * SEED_STEP + 700,
    )  # fmt: skip
    boosted = Boosted(
        trained_until=panel.cut_off,
        layout=layout,
        silent=silent,
        members=members,
        quantiles=quantiles,
        with_effects=context[True],
        plain=context[False],
        past=past,
        pull=_pull(panel, effects, means, pool, recipe.pull),
        ranks=rank_scores(residuals),
    )
    answer = _answer(boosted, effects, panel, means, trees)
    review = Review(panel=panel, windows=windows, pool=pool, pool_by=effects.pool_by, recipe=recipe)
    return boosted, effects, residuals, review, answer


def forecast_boosted(boosted: Boosted, effects: Effects, panel: Panel, horizon: int) -> Answer:
    """Forecasts of the series of a panel.

    At the cut-off the model was fitted at, sums of groups come from the model, so a series gets
    the same numbers in any company; at another cut-off they come from the series at hand and
    nothing is pulled.
    """
    panel = recent(panel, boosted.silent)
    same = panel.cut_off == boosted.trained_until
    prices = prepare_prices(panel, horizon)
    means: list[Floats] = []
    trees = np.zeros((0, 0, 0), np.float32)
    for kind in (False, True):
        stored = boosted.with_effects if kind else boosted.plain
        context = stored if same and stored else None
        models = [m.model for m in boosted.members if m.effects is kind]
        if not models and not kind:
            continue
        view = build_view(
            panel, boosted.layout, effects if kind else None, horizon, prices, context
        )
        at = panel.length - 1
        means += predict_means(models, view, origin=at, horizon=horizon)
        if kind:
            trees = predict_quantiles(list(boosted.quantiles), view, origin=at, horizon=horizon)
    mean = averaged(means)
    return _answer(boosted, effects, panel, mean, trees)


def _answer(
    boosted: Boosted, effects: Effects, panel: Panel, plain: Floats, trees: Floats
) -> Answer:
    horizon = plain.shape[1]
    past = past_quantiles(boosted.past, plain, variation(panel.y, panel.length - 1))
    quantiles = mixed_quantiles(trees, past)
    mean = plain
    if panel.cut_off == boosted.trained_until:
        mean = (plain * boosted.pull[_group_rows(effects, panel)]).astype(np.float32)
    open_ahead = np.ones((panel.size, horizon), np.bool_)
    closed = panel.known.get("closed")
    if closed is not None:
        ahead = closed[:, panel.length : panel.length + horizon]
        open_ahead[:, : ahead.shape[1]] &= ~(ahead > 0)
    first = panel.date_of(panel.length)
    open_ahead[:, shut_ahead(boosted.silent, first, horizon, panel.freq)] = False
    return Answer(
        plain=plain * open_ahead, mean=mean * open_ahead,
        quantiles=quantiles * open_ahead[:, None, :],
    )  # fmt: skip


def _group_rows(effects: Effects, panel: Panel) -> Ints:
    """Row of each series in `pull`: 0 for groups nobody learned, else 1 + the group."""
    named = group_names(panel, effects.group_by)
    at = {name: k + 1 for k, name in enumerate(effects.groups)}
    return np.array([at.get(name, 0) for name in named.names], np.int32)[named.codes]


def _origins(panel: Panel, horizon: int) -> Ints:
    """Last known periods of the past windows, ascending, at least three."""
    season = 84 // panel.freq.days
    room = (panel.length - STEPS[panel.freq].least_history) // horizon
    count = int(np.clip(min(season // horizon, room), 3, MOST_WINDOWS))
    return (panel.length - 1 - horizon * np.arange(count, 0, -1)).astype(np.int32)


def _members(
    panel: Panel,
    layout: Layout,
    effects: Effects,
    prices: Prices,
    origins: Ints,
    horizon: int,
    seed: int,
    recipe: Recipe,
) -> tuple[tuple[Fitted, ...], Windows, Floats, dict[bool, tuple[Sums, ...]]]:
    """Members on everything, and the forecasts of like members that stop before the windows.

    The day effects of the past forecasts stop there too, or their errors would be too small.
    """
    cut, at = int(origins[0]), panel.length - 1
    early = fit_effects(panel.until(panel.date_of(cut)), group_by=effects.group_by)
    fitted: list[Fitted] = []
    means: list[Floats] = []
    told: list[Floats] = []
    context: dict[bool, tuple[Sums, ...]] = {True: (), False: ()}
    plans = [(False, None, True, True), (True, early, True, False), (True, effects, False, True)]
    for kind, known, past, now in plans:
        if not any(member.effects is kind for member in recipe.members):
            continue
        view = build_view(panel, layout, known, horizon, prices)
        if past:
            models = _fit_kind(
                view, layout, recipe, kind, horizon=horizon, end=cut, rows=recipe.review_rows,
                seeds=[seed * SEED_STEP + REVIEW_SEED],
            )  # fmt: skip
            windows = [predict_means(models, view, origin=int(o), horizon=horizon) for o in origins]
            told += [np.stack(member) for member in zip(*windows, strict=True)]
        if now:
            models = _fit_kind(
                view, layout, recipe, kind, horizon=horizon, end=at, rows=recipe.rows,
                seeds=[seed * SEED_STEP + 10 * k for k in range(recipe.seeds)],
            )  # fmt: skip
            fitted += [Fitted(effects=kind, model=model) for model in models]
            means += predict_means(models, view, origin=at, horizon=horizon)
            context[kind] = _carried(view, layout)
    actual = np.stack([panel.y[:, o + 1 : o + 1 + horizon] for o in origins])
    windows_told = averaged(told)
    mean = averaged(means)
    return (
        tuple(fitted), Windows(origins=origins, told=windows_told, actual=actual), mean, context,
    )  # fmt: skip


def _fit_kind(
    view: View,
    layout: Layout,
    recipe: Recipe,
    kind: bool,
    *,
    horizon: int,
    end: int,
    rows: int,
    seeds: list[int],
) -> list[str]:
    """The members with (or without) day effects, once for each seed, up to period `end`."""
    models = []
    for place, member in enumerate(recipe.members):
        span = round(member.years * 365 / layout.freq.days)
        for start in (seed + place for seed in seeds if member.effects is kind):
            sampled = sample_rows(
                view, layout, horizon=horizon, rows=rows, span=span, end=end, seed=start
            )
            models.append(fit_member(view, layout, member, sampled, start))
    return models


def _carried(view: View, layout: Layout) -> tuple[Sums, ...]:
    """As much of the group sums as features at the cut-off read."""
    steps = STEPS[layout.freq]
    group, *peers = view.context
    far = steps.year + 2 * max(steps.windows[3], steps.season * 9)
    return (group.latest(far), *(p.latest(steps.windows[2]) for p in peers))


def _item_quantiles(
    panel: Panel, layout: Layout, view: View, horizon: int, seed: int, recipe: Recipe
) -> tuple[tuple[str, ...], ...]:
    weights = weights_of(panel)
    sets = []
    for repeat in range(recipe.spread_seeds):
        start = seed * SEED_STEP + 500 + repeat
        rows = sample_rows(
            view, layout, horizon=horizon, rows=recipe.spread_rows,
            span=round(365 / panel.freq.days), end=panel.length - 1, seed=start,
        )  # fmt: skip
        weight = weights.of_rows(rows.series, np.exp(offset_of(rows.features)))
        sets.append(
            fit_quantiles(view, layout, rows, weight, trees=recipe.spread_trees, seed=start)
        )
    return tuple(sets)


def _past(panel: Panel, effects: Effects, windows: Windows) -> tuple[Residuals, PastRatios]:
    varied = np.stack([variation(panel.y, int(o)) for o in windows.origins])
    past = fit_past_ratios(windows.actual, windows.told, varied)
    levels = levels_at(panel, effects, windows.origins.astype(np.int64) + 1)
    ratios, sold, guess = window_vectors(
        panel.y, windows.told, windows.origins, STEPS[panel.freq].season
    )
    usable = np.flatnonzero(guess.ravel() > 0)
    level = windows.told.mean(axis=2).T
    origin = np.tile(np.arange(len(windows.origins)), panel.size)
    pools = pool_residuals(
        ratios.reshape(-1, ratios.shape[2])[usable], sold.ravel()[usable], guess.ravel()[usable],
        level.ravel()[usable].astype(np.float64), levels.chance.ravel()[usable], origin[usable],
    )  # fmt: skip
    return pools, past


def _pull(
    panel: Panel, effects: Effects, mean: Floats, pool: tuple[SumForecast, ...], power: float
) -> Doubles:
    """Factor of each group and step ahead; row 0 (no group) stays at one."""
    named = group_names(panel, effects.group_by)
    own = Group(level="", names=tuple(named.names), codes=named.codes)
    factors = pull_factors(mean, own, pool, power)
    return np.concatenate([np.ones((1, mean.shape[1])), factors])
