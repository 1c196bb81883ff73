"""From rows of the database to the Arrow shards that science plans.

The panel is cut off by construction (`science.panel`), the terms of each series are those of the
offer chosen for it (`suppliers.compare`), and calendars of supplier and node are combined: the
supplier works and takes orders by its own, and what arrives while the node is closed is sold
from the node's next open day on.
"""

import datetime as dt
import hashlib
import math
import tempfile
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final
from uuid import UUID

import msgspec
import numpy as np
import polars as pl
import pyarrow as pa

from beltline.kit.uom import Uom, base_unit
from beltline.planning.rules.calibration import GRID
from beltline.planning.rules.suppliers import Candidate, compare, unit_margin
from beltline.planning.rules.ways import Route, Way, carried, cheapest
from beltline.planning.types import Alternative, Parameters, Size
from beltline.science.calendar import Closure, WorkCalendar, arrival_periods, lead_time_pmf
from beltline.science.keys import Floats, Ints, shard_of
from beltline.science.panel import Freq, Panel, build_panel
from beltline.science.shard import Settings, write_shard
from beltline.science.terms import Terms, make_terms

SHARD_SERIES: Final = 600
RECENT_DAYS: Final = 56
MOST_LEAD_DAYS: Final = 120
MOST_BREAKS: Final = 6
MOST_EVENTS: Final = 40
MOST_ALTERNATIVES: Final = 6
NORMAL_P90, NORMAL_P95 = 1.2816, 1.6449


class Frame(msgspec.Struct, frozen=True):
    """What all shards of a plan share.

    `first_date` and `cut_off` are first days of periods; `periods` is how far demand is
    simulated: the horizon, or the longest lead time, a review and a closure.
    """

    freq: Freq
    first_date: dt.date
    cut_off: dt.date
    order_date: dt.date
    periods: int
    longest_lead: int
    parameters: Parameters
    closed: tuple[dt.date, ...] = ()
    events: tuple[tuple[dt.date, str], ...] = ()


class Place(msgspec.Struct, frozen=True):
    """A node: its code, its closures and the days from a supplier in China to it."""

    code: str
    kind: str = "CONSOLIDATION"
    transit_days_p50: float = 0.0
    transit_days_p90: float = 0.0
    closures: tuple[Closure, ...] = ()


class History(msgspec.Struct, frozen=True):
    """Demand of one series up to the cut-off: days after `Frame.first_date` and what they saw."""

    sku_id: UUID
    node_id: UUID
    sku: str
    category: str
    days: list[int]
    y: list[float]
    in_stock: list[bool | None]
    price: list[float | None]


class Supply(msgspec.Struct, frozen=True):
    """What a shard's series have and can get.

    Prices to buyers are per base unit in the plan's currency; inbound is (expected date,
    quantity).
    """

    on_hand: Mapping[tuple[UUID, UUID], int]
    inbound: Mapping[tuple[UUID, UUID], Sequence[tuple[dt.date, int]]]
    offers: Mapping[UUID, Sequence[Candidate]]
    buyers_price: Mapping[UUID, float]
    closures: Mapping[UUID, tuple[Closure, ...]]
    """By supplier."""
    promotions: Mapping[UUID, Sequence[tuple[UUID | None, dt.date, dt.date]]]
    overrides: Mapping[tuple[UUID, UUID], Sequence[tuple[dt.date, dt.date, float]]] = {}
    """By series: first and last day, and what demand is multiplied by."""
    movable: Mapping[tuple[UUID, UUID], int] = {}
    """The operator's own free units by SKU and node, with demand there or not."""
    ways: Mapping[tuple[UUID, UUID], Sequence[Way]] = {}
    """From node to node."""
    sizes: Mapping[UUID, Size] = {}
    refused: Collection[tuple[UUID, UUID, UUID]] = frozenset()
    """SKU, origin and target of transfers that people rejected of late: bought instead."""


class SeriesContext(msgspec.Struct, frozen=True):
    """What stands beside a series in its shard and is needed again to write its proposal."""

    sku_id: UUID
    node_id: UUID
    sku: str
    category: str
    on_hand: int
    inbound: int
    margin_share: float | None
    node_kind: str = "CONSOLIDATION"
    uom: str = "PIECE"
    pack_size: int = 1
    fx: float = 1.0
    breaks: list[tuple[int, str]] = []
    closure: Closure | None = None
    alternatives: list[Alternative] = []
    overrides: list[tuple[int, int, float]] = []
    """Future periods, first and behind the last, and what their demand is multiplied by."""
    node: str = ""
    routes: list[Route] = []


class ShardFile(msgspec.Struct, frozen=True):
    """A shard and its contexts, both packed, and what had to be assumed: code -> series.

    `digest` is of what was read, before packing.
    """

    content: bytes
    context: bytes
    digest: bytes
    series: int
    assumed: dict[str, list[str]]


def cut(skus: Sequence[str], series: int) -> list[list[int]]:
    """Positions of the SKUs in each shard: about `SHARD_SERIES` series a shard, none empty."""
    count = max(1, math.ceil(series / SHARD_SERIES))
    shards: list[list[int]] = [[] for _ in range(count)]
    for position, shard in enumerate(shard_of(pl.Series(skus, dtype=pl.String), count).tolist()):
        shards[shard].append(position)
    return [members for members in shards if members]


def lead_with_transit(mean: float, p95: float, place: Place) -> tuple[float, float]:
    """Lead time to a node: means add up, spreads add up as those of independent delays."""
    spread = max(p95 - mean, 0.0) / NORMAL_P95
    transit = (place.transit_days_p90 - place.transit_days_p50) / NORMAL_P90
    total = mean + place.transit_days_p50
    return total, total + NORMAL_P95 * math.hypot(spread, transit)


def build_shard(
    frame: Frame, histories: Sequence[History], places: Mapping[UUID, Place], supply: Supply
) -> ShardFile:
    """The shard of some series as science reads it, and the contexts in the same order."""
    rows = {f"{h.sku}@{places[h.node_id].code}": h for h in histories}
    panel = _panel(frame, rows, places, supply)
    ordered = [rows[unique_id] for unique_id in panel.unique_ids]
    daily = _daily(frame, panel)
    routes = _routes(frame, ordered, places, supply)
    contexts = [
        msgspec.structs.replace(
            _context(frame, h, places[h.node_id], supply, float(rate)),
            node=places[h.node_id].code, routes=routes.get((h.sku_id, h.node_id), []),
        )
        for h, rate in zip(ordered, daily, strict=True)
    ]  # fmt: skip
    terms = _terms(frame, contexts, places, supply)
    p = frame.parameters
    settings = Settings(seed=p.seed, paths=p.paths, quantiles=GRID)
    with tempfile.TemporaryDirectory(prefix="beltline-plan-") as folder:
        path = Path(folder) / "shard.arrow"
        write_shard(path, panel, terms, settings)
        content = path.read_bytes()
    context = msgspec.json.encode(contexts)
    return ShardFile(
        content=pack(content),
        context=pack(context),
        digest=hashlib.blake2b(content).digest() + hashlib.blake2b(context).digest(),
        series=panel.size,
        assumed=_assumed(rows, contexts, panel),
    )


def pack(content: bytes) -> bytes:
    """Bytes compressed, with their length before them."""
    squeezed: bytes = pa.compress(content, codec="zstd", asbytes=True)
    return len(content).to_bytes(8, "big") + squeezed


def unpack(packed: bytes) -> bytes:
    """What `pack` was given."""
    size = int.from_bytes(packed[:8], "big")
    content: bytes = pa.decompress(packed[8:], size, codec="zstd", asbytes=True)
    return content


def _panel(
    frame: Frame, rows: Mapping[str, History], places: Mapping[UUID, Place], supply: Supply
) -> Panel:
    long = pl.DataFrame(
        {
            "unique_id": list(rows),
            "day": [h.days for h in rows.values()],
            "y": [h.y for h in rows.values()],
            "in_stock": [h.in_stock for h in rows.values()],
            "price": [h.price for h in rows.values()],
        },
        schema_overrides={
            "day": pl.List(pl.Int32), "y": pl.List(pl.Float64),
            "in_stock": pl.List(pl.Boolean), "price": pl.List(pl.Float32),
        },
    ).explode("day", "y", "in_stock", "price")  # fmt: skip
    long = long.with_columns(ds=pl.lit(frame.first_date) + pl.duration(days=pl.col("day")))
    unused = [c for c in ("in_stock", "price") if long[c].null_count() == len(long)]
    static = pl.DataFrame(
        {
            "unique_id": list(rows),
            "category": [h.category for h in rows.values()],
            "node": [places[h.node_id].code for h in rows.values()],
        }
    )
    panel, _ = build_panel(
        long.drop("day", *unused), cut_off=frame.cut_off, freq=frame.freq, static=static,
        closed=frame.closed, week_anchor=frame.cut_off.isoweekday(),
    )  # fmt: skip
    return _with_known(frame, _aligned(panel, frame.first_date), rows, supply)


def _aligned(panel: Panel, first_date: dt.date) -> Panel:
    """The panel from the common first day of the plan on: unknown before its own."""
    lacking = (panel.first_date - first_date).days // panel.freq.days
    if lacking <= 0:
        return panel

    def padded(values: Floats, fill: float) -> Floats:
        return np.pad(values, ((0, 0), (lacking, 0)), constant_values=fill)

    mask = panel.in_stock
    return msgspec.structs.replace(
        panel,
        first_date=first_date,
        y=padded(panel.y, math.nan),
        in_stock=None if mask is None else np.pad(
            mask, ((0, 0), (lacking, 0)), constant_values=True
        ),
        price=None if panel.price is None else padded(panel.price, math.nan),
    )  # fmt: skip


def _with_known(frame: Frame, panel: Panel, rows: Mapping[str, History], supply: Supply) -> Panel:
    """Add what is known ahead: events, days closed and promotions."""
    wide = panel.length + frame.periods
    known: dict[str, Floats] = {}
    for ds, name in frame.events:
        period = (ds - panel.first_date).days // panel.freq.days
        if 0 <= period < wide:
            known.setdefault(name, np.zeros((1, wide), np.float32))[0, period] = 1.0
    promotion = np.zeros((panel.size, wide), np.float32)
    for i, unique_id in enumerate(panel.unique_ids):
        h = rows[unique_id]
        for node_id, starts, ends in supply.promotions.get(h.sku_id, ()):
            if node_id is None or node_id == h.node_id:
                a = (starts - panel.first_date).days // panel.freq.days
                b = (ends - panel.first_date).days // panel.freq.days
                promotion[i, max(a, 0) : max(b + 1, 0)] = 1.0
    # A driver that stands in one shard stands in all: a model is asked with the same drivers.
    known["promotion"] = promotion
    price = panel.price
    if price is not None:
        price = np.pad(price, ((0, 0), (0, frame.periods)), constant_values=math.nan)
    return msgspec.structs.replace(panel, known=known, price=price, ahead=frame.periods)


def _daily(frame: Frame, panel: Panel) -> Floats:
    """Mean demand a day of the recent past, stock-outs left out."""
    recent = panel.demand()[:, -max(RECENT_DAYS // frame.freq.days, 1) :]
    seen = np.isfinite(recent).sum(axis=1)
    total = np.nansum(recent, axis=1, dtype=np.float64)
    return np.asarray(total / np.maximum(seen, 1) / frame.freq.days, np.float32)


def _context(frame: Frame, h: History, place: Place, supply: Supply, daily: float) -> SeriesContext:
    key = (h.sku_id, h.node_id)
    p = frame.parameters
    offers = [_at_place(c, place) for c in supply.offers.get(h.sku_id, ())]
    price = supply.buyers_price.get(h.sku_id)
    cheapest = min((_unit_cost(c) for c in offers), default=0.0)
    margin = unit_margin(price, cheapest, p.margin_share)
    compared = compare(
        offers, daily=daily, review_days=p.review_days, holding_rate=p.holding_rate,
        order_cost=p.order_cost, margin=margin, margin_share=p.margin_share,
    )[:MOST_ALTERNATIVES]  # fmt: skip
    context = SeriesContext(
        sku_id=h.sku_id, node_id=h.node_id, sku=h.sku, category=h.category,
        on_hand=supply.on_hand.get(key, 0),
        inbound=sum(quantity for _, quantity in supply.inbound.get(key, ())),
        margin_share=p.margin_share if margin is None else None, alternatives=compared,
        node_kind=place.kind, overrides=_overrides(frame, supply.overrides.get(key, ())),
    )  # fmt: skip
    if not compared:
        return context
    chosen = next(c for c in offers if c.offer_id == compared[0].offer_id)
    return msgspec.structs.replace(
        context, uom=chosen.uom, pack_size=chosen.pack_size, fx=chosen.fx,
        breaks=[(start, str(unit)) for start, unit in chosen.breaks],
        closure=next_closure(supply.closures.get(chosen.supplier_org_id, ()), frame),
    )  # fmt: skip


def _routes(
    frame: Frame, histories: Sequence[History], places: Mapping[UUID, Place], supply: Supply
) -> dict[tuple[UUID, UUID], list[Route]]:
    """How units of each series could come from where they are free, by the code of the node."""
    sold = {(h.sku_id, h.node_id) for h in histories}
    free: dict[UUID, list[UUID]] = defaultdict(list)
    for (sku_id, node_id), units in supply.movable.items():
        if units > 0 and node_id in places:
            free[sku_id].append(node_id)
    found: dict[tuple[UUID, UUID], list[Route]] = {}
    for h in histories:
        at, size = places[h.node_id], supply.sizes.get(h.sku_id)
        opened = _next_open(frame, at.closures)
        for node_id in sorted(free.get(h.sku_id, ()), key=lambda n: places[n].code):
            ways = supply.ways.get((node_id, h.node_id), ())
            way = cheapest(ways, size)
            if (h.sku_id, node_id, h.node_id) in supply.refused:
                continue
            if node_id == h.node_id or way is None:
                continue
            period = min(math.ceil(way.days / frame.freq.days), frame.periods)
            found.setdefault((h.sku_id, h.node_id), []).append(
                Route(
                    node_id=node_id, node=places[node_id].code,
                    movable=supply.movable[h.sku_id, node_id], days=way.days,
                    arrives=int(opened[period]), service=way.service,
                    freight=carried(way, size), share=way.share,
                    is_idle=(h.sku_id, node_id) not in sold,
                )
            )  # fmt: skip
    return found


def _overrides(
    frame: Frame, spans: Sequence[tuple[dt.date, dt.date, float]]
) -> list[tuple[int, int, float]]:
    """Spans of days as future periods; a week is overridden by the share of its days."""
    first = frame.cut_off + dt.timedelta(days=frame.freq.days)
    days = frame.freq.days
    found = []
    for starts, ends, factor in spans:
        a, b = max((starts - first).days, 0), (ends - first).days + 1
        for period in range(a // days, min(-(-b // days), frame.periods) if days > 1 else 0):
            share = (min(b, (period + 1) * days) - max(a, period * days)) / days
            found.append((period, period + 1, 1.0 + (factor - 1.0) * share))
        if days == 1 and a < b and a < frame.periods:
            found.append((a, min(b, frame.periods), factor))
    return found


def _at_place(c: Candidate, place: Place) -> Candidate:
    mean, p95 = lead_with_transit(c.lead_time_days_mean, c.lead_time_days_p95, place)
    return msgspec.structs.replace(c, lead_time_days_mean=mean, lead_time_days_p95=p95)


def _unit_cost(c: Candidate) -> float:
    return float(c.breaks[0][1]) * c.fx / base_unit(Uom(c.uom)).per_uom


def next_closure(closures: Sequence[Closure], frame: Frame) -> Closure | None:
    """The first closure that an order of this plan may meet."""
    until = frame.order_date + dt.timedelta(days=frame.periods * frame.freq.days)
    ahead = [c for c in closures if c.ends >= frame.order_date and c.starts <= until]
    return min(ahead, key=lambda c: c.starts, default=None)


def _terms(
    frame: Frame, contexts: Sequence[SeriesContext], places: Mapping[UUID, Place], supply: Supply
) -> Terms:
    days, p = frame.freq.days, frame.parameters
    chosen = [c.alternatives[0] if c.alternatives else None for c in contexts]
    price = np.array([a.cost_price if a else 1.0 for a in chosen])
    margin = np.array([_margin(c, a, supply, p) for c, a in zip(contexts, chosen, strict=True)])
    calendar, arrivals = _calendars(frame, contexts, places, supply)
    quantities, prices = _breaks(contexts)
    mean = np.array([a.lead_time_days_mean if a else 7.0 for a in chosen]) / days
    p95 = np.array([a.lead_time_days_p95 if a else 14.0 for a in chosen]) / days
    return make_terms(
        on_hand=np.array([c.on_hand for c in contexts], np.float32),
        inbound=_inbound(frame, contexts, supply),
        lead_pmf=lead_time_pmf(mean, p95, frame.longest_lead),
        review=max(1, round(p.review_days / days)),
        holding=price * p.holding_rate / 365.0 * days,
        shortage=margin,
        order_cost=p.order_cost,
        moq=np.array([float(a.moq) if a else 1.0 for a in chosen]),
        pack=np.array([float(c.pack_size) for c in contexts]),
        # Nobody sells it: nothing can be ordered, the risk is still told.
        capacity=np.array([np.inf if a else 0.0 for a in chosen]),
        service_level=p.service_level,
        break_quantity=quantities,
        break_price=prices,
        calendar=calendar,
        arrivals=arrivals,
    )


def _margin(
    context: SeriesContext, chosen: Alternative | None, supply: Supply, p: Parameters
) -> float:
    if chosen is None:
        return 1.0
    if context.margin_share is not None:
        return context.margin_share * chosen.cost_price
    price = supply.buyers_price[context.sku_id]
    return max(price - chosen.cost_price, 0.1 * p.margin_share * chosen.cost_price)


def _breaks(contexts: Sequence[SeriesContext]) -> tuple[Floats, Floats]:
    """Price steps per base unit in the plan's currency, N x B, NaN where there are fewer."""
    table = np.full((2, len(contexts), MOST_BREAKS), np.nan, np.float32)
    for i, context in enumerate(contexts):
        if context.alternatives:
            scale = context.fx / base_unit(Uom(context.uom)).per_uom
            for j, (start, price) in enumerate(context.breaks[:MOST_BREAKS]):
                table[:, i, j] = start, float(price) * scale
    return table[0], table[1]


def _inbound(frame: Frame, contexts: Sequence[SeriesContext], supply: Supply) -> Floats:
    """Units by the future period they can be sold from; what is overdue comes in the first."""
    first = frame.cut_off + dt.timedelta(days=frame.freq.days)
    table = np.zeros((len(contexts), frame.periods), np.float32)
    for i, context in enumerate(contexts):
        for ds, quantity in supply.inbound.get((context.sku_id, context.node_id), ()):
            period = max(0, -(-(ds - first).days // frame.freq.days))
            if period < frame.periods:
                table[i, period] += quantity
    return table


def _calendars(
    frame: Frame, contexts: Sequence[SeriesContext], places: Mapping[UUID, Place], supply: Supply
) -> tuple[Ints, Ints]:
    """Which calendar each series has, and the arrival table of each calendar."""
    known: dict[tuple[tuple[Closure, ...], tuple[Closure, ...]], int] = {}
    index = np.zeros(len(contexts), np.int32)
    for i, context in enumerate(contexts):
        own: tuple[Closure, ...] = ()
        if context.alternatives:
            own = supply.closures.get(context.alternatives[0].supplier_org_id, ())
        index[i] = known.setdefault((own, places[context.node_id].closures), len(known))
    orders = max(
        frame.parameters.horizon, -(-frame.parameters.review_days // frame.freq.days)
    ) + 1  # fmt: skip
    tables = []
    for own, at_node in known:
        table = arrival_periods(
            WorkCalendar(closures=own), cut_off=frame.cut_off, freq=frame.freq, orders=orders,
            longest=frame.longest_lead, horizon=frame.periods,
        )  # fmt: skip
        tables.append(_next_open(frame, at_node)[table])
    return index, np.stack(tables).astype(np.int32)


def _next_open(frame: Frame, closures: Sequence[Closure]) -> Ints:
    """For each future period the first one from it on in which the node is not shut throughout."""
    first = frame.cut_off + dt.timedelta(days=frame.freq.days)
    answer = np.arange(frame.periods + 1, dtype=np.int32)
    for closure in sorted(closures, key=lambda c: c.starts, reverse=True):
        a = max(0, -(-(closure.starts - first).days // frame.freq.days))
        b = ((closure.ends - first).days + 1) // frame.freq.days
        if b > a:
            after = min(b, frame.periods)
            answer[a:after] = answer[after]
    return answer


def _assumed(
    rows: Mapping[str, History], contexts: Sequence[SeriesContext], panel: Panel
) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    seen = np.isfinite(panel.y).sum(axis=1)
    for i, (unique_id, context) in enumerate(zip(panel.unique_ids, contexts, strict=True)):
        if seen[i] < 28 // panel.freq.days:
            found["SHORT_HISTORY"].append(unique_id)
        if not context.alternatives:
            found["NO_OFFER"].append(unique_id)
        elif context.margin_share is not None:
            found["MARGIN_ASSUMED"].append(unique_id)
        if all(flag is None for flag in rows[unique_id].in_stock):
            found["NO_STOCK_FLAGS"].append(unique_id)
    return dict(found)


def frequent_events(rows: Iterable[tuple[dt.date, str, str]]) -> tuple[tuple[dt.date, str], ...]:
    """Events as drivers `KIND:name`, the most frequent names only."""
    named = [(ds, f"{kind}:{name}") for ds, kind, name in rows]
    counted = Counter(name for _, name in named)
    kept = {n for n, _ in sorted(counted.items(), key=lambda x: (-x[1], x[0]))[:MOST_EVENTS]}
    return tuple(sorted((ds, name) for ds, name in named if name in kept))
